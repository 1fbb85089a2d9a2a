using System.Runtime.InteropServices;

namespace AltClip.Inference;

/// <summary>The C library's heap, from which libtorch's tensors come.</summary>
internal static partial class NativeHeap
{
    /// <summary>
    /// Gives memory that is free back to the system, which glibc otherwise keeps: after packing that is several hundred MB. Does nothing
    /// where there is no glibc.
    /// </summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // musl gives memory back by itself.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint padding);
}
