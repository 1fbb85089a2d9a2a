using System.Runtime.InteropServices;

namespace AltClip.Native;

/// <summary>The C library's heap, from which libtorch's tensors come. Where it is not glibc, nothing is changed.</summary>
internal static partial class NativeHeap
{
    // Of malloc.h.
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;

    // Where glibc's own thresholds, which move until one is set, come to rest on 64 bits; and its limit of mappings.
    private const int RestingMmapThreshold = 32 << 20, RestingTrimThreshold = 2 * RestingMmapThreshold, DefaultMmapMax = 65536, Never = -1;

    private static readonly Lock Gate = new();
    private static int _keepers;

    /// <summary>Whether this is glibc; musl and others give memory back by themselves.</summary>
    public static bool IsGlibc { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "mallopt", out _);

    /// <summary>Gives memory that is free back to the system, which glibc otherwise keeps: after packing that is several hundred MB.</summary>
    public static void Trim()
    {
        if (IsGlibc) _ = MallocTrim(0);
    }

    /// <summary>
    /// Has tensors that are freed leave their memory to the next ones, until what it returns is disposed; then all that is free goes back.
    /// Otherwise glibc returns the memory of large tensors each time, and the system maps and zeroes it again page by page: where the same
    /// sizes come again and again, as in the steps of a training run, that is up to a fifth of the time.
    /// </summary>
    public static IDisposable Keep() => new Keeper();

    private static void Change(int by)
    {
        if (!IsGlibc) return;
        lock (Gate)
        {
            var before = _keepers;
            _keepers += by;
            if (before == 0)
            {
                _ = MallocOption(MmapMax, 0);
                _ = MallocOption(TrimThreshold, Never);
            }
            else if (_keepers == 0)
            {
                _ = MallocOption(MmapMax, DefaultMmapMax);
                _ = MallocOption(MmapThreshold, RestingMmapThreshold);
                _ = MallocOption(TrimThreshold, RestingTrimThreshold);
                Trim();
            }
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint padding);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int MallocOption(int parameter, int value);

    private sealed class Keeper : IDisposable
    {
        private int _disposed;

        public Keeper() => Change(1);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0) Change(-1);
        }
    }
}
