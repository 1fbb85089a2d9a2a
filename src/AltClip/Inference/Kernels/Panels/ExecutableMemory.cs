using System.Runtime.InteropServices;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>Machine code in memory, for as long as the process lives.</summary>
internal static unsafe partial class ExecutableMemory
{
    private const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22;

    /// <summary>Where each piece of code is; null where the system lets no code be made.</summary>
    public static nint[]? Place(IReadOnlyList<byte[]> pieces)
    {
        var size = (nuint)pieces.Sum(code => code.Length);
        var memory = Map(0, size, ReadWrite, PrivateAnonymous, -1, 0);
        if (memory == -1) return null;
        var places = new nint[pieces.Count];
        var next = memory;
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = next;
            pieces[i].CopyTo(new Span<byte>((void*)next, pieces[i].Length));
            next += pieces[i].Length;
        }
        // Never writable and executable at once, which hardened systems forbid; some forbid this too.
        return Protect(memory, size, ReadExecute) == 0 ? places : null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint size, int protection);
}
