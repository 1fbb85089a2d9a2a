namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// The few x64 instructions of which <see cref="PanelKernels"/> is made, encoded as Intel's Software Developer's Manual, volume 2, says.
/// .NET offers no intrinsics for AVX-512's VNNI and BF16.
/// </summary>
internal sealed class PanelAssembler
{
    // Encodings of the second operand's place (EVEX.mmm) and of the prefix that an instruction had before EVEX (EVEX.pp).
    private const int Map0F = 1, Map0F38 = 2;
    private const int NoPrefix = 0, Prefix66 = 1, PrefixF3 = 2;

    private readonly List<byte> _code = [];

    public byte[] Code => [.. _code];

    public int Position => _code.Count;

    /// <summary>accumulator += weights * the 32 bits at [address + 4 * index] for all lanes.</summary>
    public void MultiplyAdd(PanelNumbers numbers, int accumulator, int weights, Register address, int index)
    {
        var (prefix, opcode) = MultiplyAdd(numbers);
        Evex(Map0F38, prefix, opcode, accumulator, weights, (int)address >> 3, 0, broadcast: true);
        Emit(0x40 | (accumulator & 7) << 3 | (int)address & 7, index); // with an 8-bit offset, counted in 32 bits
    }

    /// <summary>accumulator += weights * x.</summary>
    public void MultiplyAdd(PanelNumbers numbers, int accumulator, int weights, int x)
    {
        var (prefix, opcode) = MultiplyAdd(numbers);
        Evex(Map0F38, prefix, opcode, accumulator, weights, x >> 3, x >> 4, broadcast: false);
        Emit(0xC0 | (accumulator & 7) << 3 | x & 7);
    }

    /// <summary>vbroadcastss: target = the 32 bits at [address + 4 * index] in all lanes.</summary>
    public void Broadcast(int target, Register address, int index)
    {
        Evex(Map0F38, Prefix66, 0x18, target, 0, (int)address >> 3, 0, broadcast: false);
        Emit(0x40 | (target & 7) << 3 | (int)address & 7, index);
    }

    /// <summary>vpxord: target = 0.</summary>
    public void Clear(int target)
    {
        Evex(Map0F, Prefix66, 0xEF, target, target, target >> 3, target >> 4, broadcast: false);
        Emit(0xC0 | (target & 7) << 3 | target & 7);
    }

    /// <summary>vmovups: target = 64 bytes at the address.</summary>
    public void Load(int target, Register address) => Move(0x10, target, address);

    /// <summary>vmovups: 64 bytes at [address + 64 * index] = source.</summary>
    public void Store(Register address, int source, int index = 0) => Move(0x11, source, address, index);

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

    private static (int Prefix, int Opcode) MultiplyAdd(PanelNumbers numbers) => numbers switch
    {
        PanelNumbers.Float32 => (Prefix66, 0xB8), // vfmadd231ps
        PanelNumbers.BFloat16 => (PrefixF3, 0x52), // vdpbf16ps
        _ => (Prefix66, 0x50), // vpdpbusd
    };

    private void Move(int opcode, int register, Register address, int index = 0)
    {
        Evex(Map0F, NoPrefix, opcode, register, 0, (int)address >> 3, 0, broadcast: false);
        Emit(0x40 | (register & 7) << 3 | (int)address & 7, index); // with an 8-bit offset, counted in 64 bytes
    }

    /// <summary>The prefix of a 512-bit instruction and its opcode. The high bits of registers are in it, inverted.</summary>
    private void Evex(int map, int prefix, int opcode, int register, int second, int baseBit3, int indexBit, bool broadcast)
    {
        static int Not(int bit) => ~bit & 1;
        Emit(
            0x62,
            Not(register >> 3) << 7 | Not(indexBit) << 6 | Not(baseBit3) << 5 | Not(register >> 4) << 4 | map,
            (~second & 15) << 3 | 4 | prefix,
            0x40 | (broadcast ? 0x10 : 0) | Not(second >> 4) << 3,
            opcode);
    }

    private void Emit(params ReadOnlySpan<int> bytes)
    {
        foreach (var value in bytes) _code.Add((byte)value);
    }

    private void Emit32(int value) => _code.AddRange(BitConverter.GetBytes(value));
}

/// <summary>The registers in which Linux passes whole numbers and addresses, first to last: rdi, rsi, rdx, rcx, r8, r9.</summary>
internal enum Register
{
    Argument1 = 7,
    Argument2 = 6,
    Argument3 = 2,
    Argument4 = 1,
    Argument5 = 8,
    Argument6 = 9,
}
