namespace AltClip.Inference.Kernels.Panels;

/// <summary>Instructions on the 32 registers of 512 bits.</summary>
internal sealed class Avx512Assembler : PanelAssembler
{
    private const int ShiftLeft = 6;

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

    /// <summary>vpmaddwd: target = the sums of two products of int16 each.</summary>
    public void MultiplyPairs(int target, int a, int b) => Registers(0xF5, target, a, b);

    /// <summary>vpaddd: accumulator += term, int32.</summary>
    public void Add(int accumulator, int term) => Registers(0xFE, accumulator, accumulator, term);

    /// <summary>vpandd: target = a and b.</summary>
    public void And(int target, int a, int b) => Registers(0xDB, target, a, b);

    /// <summary>vpternlogd, vpslld: target = the upper halves of 32 bits each.</summary>
    public void SetUpperHalves(int target)
    {
        Evex(Map0F3A, Prefix66, 0x25, target, target, target >> 3, target >> 4, broadcast: false);
        Emit(0xC0 | (target & 7) << 3 | target & 7, 0xFF);
        ToUpperHalves(target, target);
    }

    /// <summary>vpslld: target = the lower halves of source's 32 bits as upper ones.</summary>
    public void ToUpperHalves(int target, int source)
    {
        Evex(Map0F, Prefix66, 0x72, 0, target, source >> 3, source >> 4, broadcast: false);
        Emit(0xC0 | ShiftLeft << 3 | source & 7, 16);
    }

    /// <summary>vpmovsxbw: target = the 32 int8 at the address + 32 * index as int16.</summary>
    public void LoadInt8(int target, Register address, int index)
    {
        Evex(Map0F38, Prefix66, 0x20, target, 0, (int)address >> 3, 0, broadcast: false);
        Emit(0x40 | (target & 7) << 3 | (int)address & 7, index); // with an 8-bit offset, counted in 32 bytes
    }

    private static (int Prefix, int Opcode) MultiplyAdd(PanelNumbers numbers) => numbers switch
    {
        PanelNumbers.Float32 => (Prefix66, 0xB8), // vfmadd231ps
        PanelNumbers.BFloat16 => (PrefixF3, 0x52), // vdpbf16ps
        _ => (Prefix66, 0x50), // vpdpbusd
    };

    private void Registers(int opcode, int target, int a, int b)
    {
        Evex(Map0F, Prefix66, opcode, target, a, b >> 3, b >> 4, broadcast: false);
        Emit(0xC0 | (target & 7) << 3 | b & 7);
    }

    private void Move(int opcode, int register, Register address, int index = 0)
    {
        Evex(Map0F, NoPrefix, opcode, register, 0, (int)address >> 3, 0, broadcast: false);
        Emit(0x40 | (register & 7) << 3 | (int)address & 7, index); // with an 8-bit offset, counted in 64 bytes
    }

    /// <summary>The prefix of a 512-bit instruction and its opcode. The high bits of registers are in it, inverted.</summary>
    private void Evex(int map, int prefix, int opcode, int register, int second, int baseBit3, int indexBit, bool broadcast) => Emit(
        0x62,
        Not(register >> 3) << 7 | Not(indexBit) << 6 | Not(baseBit3) << 5 | Not(register >> 4) << 4 | map,
        (~second & 15) << 3 | 4 | prefix,
        0x40 | (broadcast ? 0x10 : 0) | Not(second >> 4) << 3,
        opcode);
}
