namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// The few x64 instructions of which a <see cref="PanelCode"/> is made, encoded as Intel's Software Developer's Manual, volume 2, says: those
/// that all have. .NET offers no intrinsics for AVX-512's VNNI and BF16, and its compiler keeps no dozen sums in registers.
/// </summary>
internal abstract class PanelAssembler
{
    /// <summary>The place of an instruction's opcode (mmm).</summary>
    protected const int Map0F = 1, Map0F38 = 2, Map0F3A = 3;

    /// <summary>The prefix that an instruction had before it had this encoding (pp).</summary>
    protected const int NoPrefix = 0, Prefix66 = 1, PrefixF3 = 2;

    private readonly List<byte> _code = [];

    public byte[] Code => [.. _code];

    public int Position => _code.Count;

    /// <summary>prefetcht1, into the second-level cache, of what is some bytes after the address.</summary>
    public void Prefetch(Register address, int offset)
    {
        Emit(0x0F, 0x18, 0x90 | (int)address & 7);
        Emit32(offset);
    }

    public void Add(Register target, Register source) =>
        Emit(0x48 | ((int)source >> 3) << 2 | (int)target >> 3, 0x01, 0xC0 | ((int)source & 7) << 3 | (int)target & 7);

    public void Add(Register target, int number)
    {
        Emit(0x48 | (int)target >> 3, 0x81, 0xC0 | (int)target & 7);
        Emit32(number);
    }

    /// <summary>Counts down and goes back to a position unless the count is 0.</summary>
    public void Loop(Register count, int position)
    {
        Emit(0x48 | (int)count >> 3, 0xFF, 0xC8 | (int)count & 7); // dec
        Emit(0x0F, 0x85); // jnz
        Emit32(position - (Position + sizeof(int)));
    }

    /// <summary>vzeroupper, ret.</summary>
    public void Return() => Emit(0xC5, 0xF8, 0x77, 0xC3);

    protected static int Not(int bit) => ~bit & 1;

    protected void Emit(params ReadOnlySpan<int> bytes)
    {
        foreach (var value in bytes) _code.Add((byte)value);
    }

    protected void Emit32(int value) => _code.AddRange(BitConverter.GetBytes(value));
}
