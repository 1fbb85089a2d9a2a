namespace AltClip.Inference.Kernels.Panels;

/// <summary>Instructions on the 16 registers of 256 bits.</summary>
internal sealed class Avx2Assembler : PanelAssembler
{
    private const int ShiftLeft = 6;

    /// <summary>vfmadd231ps: accumulator += a * b, float32.</summary>
    public void MultiplyAdd(int accumulator, int a, int b) => Registers(Map0F38, Prefix66, 0xB8, accumulator, a, b);

    /// <summary>vpdpbusd, of AVX-VNNI: accumulator += the sums of four products of a's uint8 and b's int8 each.</summary>
    public void MultiplyAddFours(int accumulator, int a, int b) => Registers(Map0F38, Prefix66, 0x50, accumulator, a, b);

    /// <summary>vpmaddwd: target = the sums of two products of int16 each.</summary>
    public void MultiplyPairs(int target, int a, int b) => Registers(Map0F, Prefix66, 0xF5, target, a, b);

    /// <summary>vpaddd: accumulator += term, int32.</summary>
    public void Add(int accumulator, int term) => Registers(Map0F, Prefix66, 0xFE, accumulator, accumulator, term);

    /// <summary>vbroadcastss: target = the 32 bits at [address + offset] in all lanes.</summary>
    public void Broadcast(int target, Register address, int offset) => Memory(Map0F38, Prefix66, 0x18, target, 0, address, offset);

    /// <summary>vpxor: target = 0.</summary>
    public void Clear(int target) => Registers(Map0F, Prefix66, 0xEF, target, target, target);

    /// <summary>vpcmpeqd, vpslld: target = the upper halves of 32 bits each.</summary>
    public void SetUpperHalves(int target)
    {
        Registers(Map0F, Prefix66, 0x76, target, target, target);
        ToUpperHalves(target);
    }

    /// <summary>vpslld: lower halves of 32 bits become upper ones.</summary>
    public void ToUpperHalves(int target)
    {
        Vex(Map0F, Prefix66, 0x72, 0, target, target >> 3);
        Emit(0xC0 | ShiftLeft << 3 | target & 7, 16);
    }

    /// <summary>vandps: target = mask and the 32 bytes at [address + offset].</summary>
    public void And(int target, int mask, Register address, int offset) => Memory(Map0F, NoPrefix, 0x54, target, mask, address, offset);

    /// <summary>vmovups: target = the 32 bytes at [address + offset].</summary>
    public void Load(int target, Register address, int offset) => Memory(Map0F, NoPrefix, 0x10, target, 0, address, offset);

    /// <summary>vpmovsxbw: target = the 16 int8 at [address + offset] as int16.</summary>
    public void LoadInt8(int target, Register address, int offset) => Memory(Map0F38, Prefix66, 0x20, target, 0, address, offset);

    /// <summary>vmovups: the 32 bytes at [address + offset] = source.</summary>
    public void Store(Register address, int offset, int source) => Memory(Map0F, NoPrefix, 0x11, source, 0, address, offset);

    private void Registers(int map, int prefix, int opcode, int target, int a, int b)
    {
        Vex(map, prefix, opcode, target, a, b >> 3);
        Emit(0xC0 | (target & 7) << 3 | b & 7);
    }

    private void Memory(int map, int prefix, int opcode, int register, int second, Register address, int offset)
    {
        Vex(map, prefix, opcode, register, second, (int)address >> 3);
        Emit(0x80 | (register & 7) << 3 | (int)address & 7); // with a 32-bit offset
        Emit32(offset);
    }

    /// <summary>The prefix of a 256-bit instruction and its opcode. The high bits of registers are in it, inverted.</summary>
    private void Vex(int map, int prefix, int opcode, int register, int second, int thirdBit3) => Emit(
        0xC4, Not(register >> 3) << 7 | 1 << 6 | Not(thirdBit3) << 5 | map, (~second & 15) << 3 | 4 | prefix, opcode);
}
