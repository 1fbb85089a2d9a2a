using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// 16 columns in two registers, for processors without AVX-512. There are no products of bfloat16, and those of int8, but for AVX-VNNI, have sums
/// that overflow: bfloat16 weights become float32 in registers, for less to be read from memory, and int8 weights int16, of which one instruction
/// multiplies twice as many as of float32.
/// </summary>
/// <param name="narrow">Whether AVX-VNNI is used where the processor has it.</param>
internal sealed class Avx2Instructions(bool narrow) : PanelInstructions
{
    private const int MostRows = 6;
    private const int Left = 12, Right = 13, RowRegister = 14, Spare = 15;
    private const int RegisterBytes = 32;

    public override string Name => "PanelsAvx2";

    protected override bool Has(PanelNumbers weights) => Avx2.IsSupported && Fma.IsSupported && weights != PanelNumbers.Int16;

    protected override PanelCode? Make(PanelNumbers weights)
    {
        var rowNumbers = weights != PanelNumbers.Int8 ? PanelNumbers.Float32 : narrow && Cpu.HasAvxVnni ? PanelNumbers.Int8 : PanelNumbers.Int16;
        return PanelCode.Make(weights, rowNumbers, new([.. Enumerable.Range(1, MostRows).Select(rows => Code(weights, rowNumbers, rows))], []));
    }

    /// <summary>The code for some rows, whether or not the processor has the instructions.</summary>
    public static byte[] Code(PanelNumbers weightNumbers, PanelNumbers rowNumbers, int rows)
    {
        var (weights, stride, steps, x) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4);
        var (sums, sumsStride) = (Register.Argument5, Register.Argument6);
        var code = new Avx2Assembler();
        for (var sum = 0; sum < 2 * rows; sum++) code.Clear(sum);
        if (weightNumbers == PanelNumbers.BFloat16) code.SetUpperHalves(Spare);
        var start = code.Position;
        code.Prefetch(weights, PrefetchBytes);
        if (rowNumbers == PanelNumbers.Int16) Int16Step(code, weights, x, rows);
        else if (weightNumbers == PanelNumbers.BFloat16) BFloat16Step(code, weights, x, rows);
        else EqualStep(code, weights, x, rows, rowNumbers);
        code.Add(weights, stride);
        code.Add(x, weightNumbers.PerWord() / rowNumbers.PerWord() * rows * sizeof(int));
        code.Loop(steps, start);
        for (var row = 0; row < rows; row++)
        {
            code.Store(sums, 0, 2 * row);
            code.Store(sums, RegisterBytes, 2 * row + 1);
            code.Add(sums, sumsStride);
        }
        code.Return();
        return code.Code;
    }

    private static void EqualStep(Avx2Assembler code, Register weights, Register x, int rows, PanelNumbers numbers)
    {
        code.Load(Left, weights, 0);
        code.Load(Right, weights, RegisterBytes);
        MultiplyAdd(code, x, 0, rows, numbers);
    }

    /// <summary>The lower halves of 32 bits are the weights of one input, the upper ones those of the next.</summary>
    private static void BFloat16Step(Avx2Assembler code, Register weights, Register x, int rows)
    {
        code.Load(Left, weights, 0);
        code.Load(Right, weights, RegisterBytes);
        code.ToUpperHalves(Left);
        code.ToUpperHalves(Right);
        MultiplyAdd(code, x, 0, rows, PanelNumbers.Float32);
        code.And(Left, Spare, weights, 0);
        code.And(Right, Spare, weights, RegisterBytes);
        MultiplyAdd(code, x, 1, rows, PanelNumbers.Float32);
    }

    /// <summary>Two inputs' weights of 8 columns are in 16 bytes, twice; then those of the next two.</summary>
    private static void Int16Step(Avx2Assembler code, Register weights, Register x, int rows)
    {
        for (var word = 0; word < 2; word++)
        {
            code.LoadInt8(Left, weights, word * RegisterBytes);
            code.LoadInt8(Right, weights, word * RegisterBytes + RegisterBytes / 2);
            for (var row = 0; row < rows; row++)
            {
                code.Broadcast(RowRegister, x, (word * rows + row) * sizeof(int));
                code.MultiplyPairs(Spare, Left, RowRegister);
                code.Add(2 * row, Spare);
                code.MultiplyPairs(Spare, Right, RowRegister);
                code.Add(2 * row + 1, Spare);
            }
        }
    }

    private static void MultiplyAdd(Avx2Assembler code, Register x, int word, int rows, PanelNumbers numbers)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Broadcast(RowRegister, x, (word * rows + row) * sizeof(int));
            for (var half = 0; half < 2; half++)
            {
                if (numbers == PanelNumbers.Int8) code.MultiplyAddFours(2 * row + half, Left + half, RowRegister);
                else code.MultiplyAdd(2 * row + half, Left + half, RowRegister);
            }
        }
    }
}
