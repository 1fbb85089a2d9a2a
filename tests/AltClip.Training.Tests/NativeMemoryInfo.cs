using System.Runtime.InteropServices;

namespace AltClip.Training.Tests;

/// <summary>What glibc says of its heap.</summary>
internal static partial class NativeMemoryInfo
{
    /// <summary>The bytes of allocations that have mappings of their own.</summary>
    public static long MappedBytes => (long)MallocInfo().MappedBytes;

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")]
    private static partial Info MallocInfo();

    // struct mallinfo2, where hblkhd is the fifth.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Info
    {
        private readonly nuint _arena, _free, _fast, _mappings;

        public readonly nuint MappedBytes;

        private readonly nuint _unused, _freeFast, _inUse, _inFree, _trimmable;
    }
}
