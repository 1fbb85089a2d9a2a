using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// 16 columns in one register. With the extensions BF16 and VNNI, products of bfloat16, and of int8 rows with uint8 weights; without them
/// bfloat16 weights become float32 in registers and int8 ones int16, as in <see cref="Avx2Instructions"/>.
/// </summary>
/// <param name="narrow">Whether the extensions are used where the processor has them.</param>
internal sealed class Avx512Instructions(bool narrow) : PanelInstructions
{
    private const int MostRows = 24, MostPairRows = 13;
    private const int WeightsRegister = 31, SecondWeightsRegister = 30, RowRegister = 28;
    private const int UpperHalves = 27, RawWeights = 26, Products = 25;

    public override string Name => "Panels";

    protected override bool Has(PanelNumbers weights) =>
        Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && weights != PanelNumbers.Int16;

    protected override PanelCode? Make(PanelNumbers weights)
    {
        var rowNumbers = weights switch
        {
            PanelNumbers.BFloat16 when !(narrow && Cpu.HasAvx512BFloat16) => PanelNumbers.Float32,
            PanelNumbers.Int8 when !(narrow && Cpu.HasAvx512Vnni) => PanelNumbers.Int16,
            _ => weights,
        };
        return rowNumbers == weights
            ? PanelCode.Make(weights, weights, new(
                [.. Enumerable.Range(1, MostRows).Select(rows => Single(weights, rows))],
                [.. Enumerable.Range(1, MostPairRows).Select(rows => Pair(weights, rows))]))
            : PanelCode.Make(weights, rowNumbers, new([.. Enumerable.Range(1, MostRows).Select(rows => Widening(weights, rows))], []));
    }

    private static byte[] Single(PanelNumbers numbers, int rows)
    {
        var (weights, stride, steps, x) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4);
        var code = new Avx512Assembler();
        for (var row = 0; row < rows; row++) code.Clear(row);
        var start = code.Position;
        code.Load(WeightsRegister, weights);
        code.Prefetch(weights, PrefetchBytes);
        for (var row = 0; row < rows; row++) code.MultiplyAdd(numbers, row, WeightsRegister, x, row);
        code.Add(weights, stride);
        code.Add(x, rows * sizeof(int));
        code.Loop(steps, start);
        StoreSums(code, rows);
        return code.Code;
    }

    private static byte[] Pair(PanelNumbers numbers, int rows)
    {
        var (weights, second, steps, x, sums) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4, Register.Argument5);
        var code = new Avx512Assembler();
        for (var sum = 0; sum < 2 * rows; sum++) code.Clear(sum);
        var start = code.Position;
        code.Load(WeightsRegister, weights);
        code.Load(SecondWeightsRegister, second);
        code.Prefetch(weights, PrefetchBytes);
        code.Prefetch(second, PrefetchBytes);
        for (var row = 0; row < rows; row++)
        {
            code.Broadcast(RowRegister + row % 2, x, row);
            code.MultiplyAdd(numbers, 2 * row, WeightsRegister, RowRegister + row % 2);
            code.MultiplyAdd(numbers, 2 * row + 1, SecondWeightsRegister, RowRegister + row % 2);
        }
        code.Add(weights, PanelCode.StepBytes);
        code.Add(second, PanelCode.StepBytes);
        code.Add(x, rows * sizeof(int));
        code.Loop(steps, start);
        for (var sum = 0; sum < 2 * rows; sum++) code.Store(sums, sum, sum);
        code.Return();
        return code.Code;
    }

    /// <summary>Weights that become wider in registers, two words of each row to a step.</summary>
    private static byte[] Widening(PanelNumbers numbers, int rows)
    {
        var (weights, stride, steps, x) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4);
        var code = new Avx512Assembler();
        for (var row = 0; row < rows; row++) code.Clear(row);
        code.SetUpperHalves(UpperHalves);
        var start = code.Position;
        code.Prefetch(weights, PrefetchBytes);
        if (numbers == PanelNumbers.BFloat16)
        {
            code.Load(RawWeights, weights);
            code.ToUpperHalves(WeightsRegister, RawWeights);
            code.And(SecondWeightsRegister, RawWeights, UpperHalves);
        }
        else
        {
            code.LoadInt8(WeightsRegister, weights, 0);
            code.LoadInt8(SecondWeightsRegister, weights, 1);
        }
        for (var word = 0; word < 2; word++)
        {
            var wide = word == 0 ? WeightsRegister : SecondWeightsRegister;
            for (var row = 0; row < rows; row++)
            {
                if (numbers == PanelNumbers.BFloat16)
                {
                    code.MultiplyAdd(PanelNumbers.Float32, row, wide, x, word * rows + row);
                    continue;
                }
                code.Broadcast(RowRegister + row % 2, x, word * rows + row);
                code.MultiplyPairs(Products + row % 2, wide, RowRegister + row % 2);
                code.Add(row, Products + row % 2);
            }
        }
        code.Add(weights, stride);
        code.Add(x, 2 * rows * sizeof(int));
        code.Loop(steps, start);
        StoreSums(code, rows);
        return code.Code;
    }

    private static void StoreSums(Avx512Assembler code, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            code.Store(Register.Argument5, row);
            code.Add(Register.Argument5, Register.Argument6);
        }
        code.Return();
    }
}
