using System.Runtime.InteropServices;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>Memory outside of .NET's heap, which grows and is kept.</summary>
internal sealed unsafe partial class PanelMemory : IDisposable
{
    private const nuint CacheLine = 64, HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    private byte* _start;

    /// <summary>How many bytes there are.</summary>
    public nuint Size { get; private set; }

    public byte* Start => _start;

    ~PanelMemory() => Free();

    /// <summary>Makes room; what was in it is gone if it had less.</summary>
    public byte* Reserve(nuint size)
    {
        if (size <= Size) return _start;
        Free();
        var huge = size >= HugePage && OperatingSystem.IsLinux();
        _start = (byte*)NativeMemory.AlignedAlloc(size, huge ? HugePage : CacheLine);
        Size = size;
        if (huge) _ = Advise(_start, size & ~(HugePage - 1), AdviseHugePages); // fewer look-ups of addresses; if not, no harm
        return _start;
    }

    public float* Reserve(long floats) => (float*)Reserve((nuint)floats * sizeof(float));

    /// <summary>Makes room in each, before threads use them: there may be none left, which the caller is to hear of before anything is done.</summary>
    public static void ReserveEach(PanelMemory[] memories, long floats)
    {
        foreach (var memory in memories) memory.Reserve(floats);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
        Size = 0;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint size, int advice);
}
