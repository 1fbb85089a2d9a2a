using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AltClip.Inference.Kernels.Panels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>The code made at run time against libtorch; on processors that lack the instructions there is nothing to test.</summary>
[Collection(nameof(ProcessWide))]
public sealed unsafe class PanelTests
{
    /// <summary>Public so that a test can name them.</summary>
    public enum Instructions
    {
        Avx512,
        Avx512Alone,
        Avx2,
        Avx2Alone,
    }

    // In the order of the names. Without the extensions, as the code for processors that lack them.
    private static readonly PanelInstructions[] Sets =
        [PanelInstructions.OfAvx512, new Avx512Instructions(narrow: false), PanelInstructions.OfAvx2, new Avx2Instructions(narrow: false)];

    public static MatrixTheoryData<Instructions, int> Codes =>
        new(Enum.GetValues<Instructions>(), [(int)PanelNumbers.Float32, (int)PanelNumbers.BFloat16, (int)PanelNumbers.Int8]);

    [Theory]
    [MemberData(nameof(Codes))]
    public void EveryNumberOfRowsHasItsOwnCode(Instructions instructions, int weightsOf)
    {
        var code = Supported(instructions, weightsOf);
        const int Steps = 7, Columns = PanelCode.Columns;
        using PanelMemory weights = new(), x = new(), sums = new();
        var random = new Random(weightsOf);
        for (var rows = 1; rows <= code.MostRows; rows++)
        {
            // A stride of two panels: what lies between must not be read into the sums.
            FillWith(random, code.Weights, weights.Reserve((nuint)(Steps * 2 * PanelCode.StepBytes)), Steps * 2 * Columns);
            var words = Steps * WordsPerStep(code) * rows;
            FillWith(random, code.Rows, x.Reserve((nuint)(words * sizeof(int))), words);
            sums.Reserve((nuint)(rows * PanelCode.StepBytes));
            code.Get(rows)(weights.Start, 2 * PanelCode.StepBytes, Steps, x.Start, sums.Start, PanelCode.StepBytes);
            for (var place = 0; place < rows * Columns; place++)
            {
                var (row, column) = (place / Columns, place % Columns);
                var expected = Enumerable.Range(0, Steps).Sum(step =>
                    Multiplied(code, weights.Start + step * 2 * PanelCode.StepBytes, column, x.Start, step, row, rows));
                AssertSum(code, expected, sums.Start, place);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void EveryNumberOfRowsHasItsOwnCodeForTwoPanels(Instructions instructions, int weightsOf)
    {
        var code = Supported(instructions, weightsOf);
        const int Steps = 7, Columns = PanelCode.Columns, Guard = 0x5EED;
        using PanelMemory first = new(), second = new(), x = new(), sums = new();
        var random = new Random(weightsOf);
        for (var rows = 1; rows <= code.MostPairRows; rows++)
        {
            foreach (var panel in (PanelMemory[])[first, second])
                FillWith(random, code.Weights, panel.Reserve((nuint)(Steps * PanelCode.StepBytes)), Steps * Columns);
            FillWith(random, code.Rows, x.Reserve((nuint)(Steps * rows * sizeof(int))), Steps * rows);
            sums.Reserve((nuint)((rows * 2 * Columns + 1) * sizeof(int)));
            ((int*)sums.Start)[rows * 2 * Columns] = Guard;
            code.GetPair(rows)(first.Start, second.Start, Steps, x.Start, sums.Start);
            Assert.Equal(Guard, ((int*)sums.Start)[rows * 2 * Columns]);
            for (var place = 0; place < rows * 2 * Columns; place++)
            {
                var (row, weights, column) = (place / Columns / 2, place / Columns % 2 == 0 ? first : second, place % Columns);
                var expected = Enumerable.Range(0, Steps).Sum(step =>
                    Multiplied(code, weights.Start + step * PanelCode.StepBytes, column, x.Start, step, row, rows));
                AssertSum(code, expected, sums.Start, place);
            }
        }
    }

    /// <summary>What GNU's assembler makes of it: few processors have AVX-VNNI.</summary>
    [Fact]
    public void ProductsOfFoursAreEncoded()
    {
        var code = Avx2Instructions.Code(PanelNumbers.Int8, PanelNumbers.Int8, 6);
        Assert.NotEqual(-1, code.AsSpan().IndexOf<byte>([0xC4, 0xC2, 0x1D, 0x50, 0xC6])); // {vex} vpdpbusd %ymm14,%ymm12,%ymm0
        Assert.NotEqual(-1, code.AsSpan().IndexOf<byte>([0xC4, 0x42, 0x15, 0x50, 0xDE])); // {vex} vpdpbusd %ymm14,%ymm13,%ymm11
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void AProductIsLibtorchs(Instructions instructions, int weightsOf)
    {
        var code = Supported(instructions, weightsOf);
        var tolerance = code.Weights switch
        {
            PanelNumbers.Float32 => 1e-5,
            PanelNumbers.BFloat16 => code.Rows == PanelNumbers.Float32 ? 0.01 : 0.02,
            _ => code.Rows == PanelNumbers.Int16 ? 0.025 : 0.05,
        };
        manual_seed(1);
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            using var rows = new PanelRows();
            using var team = WorkTeam.Enter();
            PanelMemory[] scratch = [.. Enumerable.Range(0, team.Threads).Select(_ => new PanelMemory())];
            foreach (var (count, inputs, outputs) in new[] { (1, 16, 16), (5, 272, 48), (24, 64, 1040), (25, 1024, 64), (100, 32, 80) })
            {
                // Activations off centre, as after an activation function, and each row of another size.
                var x = (randn(count, inputs) + 0.5) * (1 + arange(count, dtype: float32).unsqueeze(1));
                var (weight, bias, other) = (randn(outputs, inputs) / Math.Sqrt(inputs), randn(outputs), randn(count, outputs));
                using var product = new PanelProduct(weight, bias, code);
                var result = empty(count, outputs);
                var expected = nn.functional.gelu(nn.functional.linear(x, weight, bias)) + other;
                fixed (byte* source = x.bytes)
                fixed (byte* added = other.bytes)
                fixed (byte* target = result.bytes)
                {
                    product.Run(team, scratch, rows, (float*)source, count, inputs, (float*)target, PanelEnd.Gelu, (float*)added);
                }
                var scale = 1 + x.abs().amax([1], keepdim: true);
                Assert.InRange(((result - expected).abs() / scale).max().ToDouble(), 0, tolerance);
            }
            foreach (var memory in scratch) memory.Dispose();
        });
    }

    /// <summary>Inputs of which some are much greater, with a step for each row and with one for all.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CalibratedProductsAreNearerThanOthers(bool hasRange)
    {
        var code = PanelInstructions.OfAvx512.Code(PanelNumbers.Int8);
        Assert.SkipUnless(code?.Rows == PanelNumbers.Int8, "The processor has no VNNI.");
        manual_seed(1);
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            using var rows = new PanelRows();
            using var team = WorkTeam.Enter();
            PanelMemory[] scratch = [.. Enumerable.Range(0, team.Threads).Select(_ => new PanelMemory())];
            foreach (var (count, inputs, outputs) in new[] { (1, 16, 16), (24, 272, 48), (25, 1024, 64), (100, 32, 80) })
            {
                var smoothing = ones(inputs);
                smoothing[2..5].mul_(40);
                var x = (randn(count, inputs) + 0.5) * smoothing;
                var (weight, bias) = (randn(outputs, inputs) / smoothing, randn(outputs));
                var expected = nn.functional.linear(x, weight, bias);
                var (mean, divided) = (full(inputs, 0.5f), x / smoothing);
                (float, float)? range = hasRange ? (divided.min().ToSingle(), divided.max().ToSingle()) : null;
                using var plain = new PanelProduct(weight, bias, code!);
                using var packing = new PanelProduct(weight * smoothing, bias, code!, new PanelCalibration(mean, smoothing, range));
                using var folded = new PanelProduct(weight * smoothing, bias, code!, new PanelCalibration(mean, null, range));
                var (before, after, same) = (Run(plain, x), Run(packing, x), Run(folded, divided));
                Assert.InRange(Error(after), 0, 0.25 * Error(before));
                Assert.InRange(Error(same), 0, 0.25 * Error(before));

                double Error(Tensor result) => (result - expected).norm().ToDouble();
            }
            foreach (var memory in scratch) memory.Dispose();

            Tensor Run(PanelProduct product, Tensor x)
            {
                var result = empty(x.shape[0], product.Outputs);
                fixed (byte* source = x.bytes)
                fixed (byte* target = result.bytes) product.Run(team, scratch, rows, (float*)source, (int)x.shape[0], product.Inputs, (float*)target);
                return result;
            }
        });
    }

    /// <summary>What rounding weights takes from the mean of inputs is given back.</summary>
    [Fact]
    public void TheMeanIsExact()
    {
        var code = PanelInstructions.OfAvx512.Code(PanelNumbers.Int8);
        Assert.SkipUnless(code?.Rows == PanelNumbers.Int8, "The processor has no VNNI.");
        manual_seed(1);
        using var scope = NewDisposeScope();
        using var rows = new PanelRows();
        using var team = WorkTeam.Enter();
        PanelMemory[] scratch = [.. Enumerable.Range(0, team.Threads).Select(_ => new PanelMemory())];
        var (x, weight) = (full([1, 256], 1.5f), randn(32, 256));
        using var product = new PanelProduct(weight, null, code!, new PanelCalibration(x[0], null, null));
        var result = empty(1, 32);
        fixed (byte* source = x.bytes)
        fixed (byte* target = result.bytes) product.Run(team, scratch, rows, (float*)source, 1, 256, (float*)target);
        Assert.InRange((result - nn.functional.linear(x, weight)).abs().max().ToDouble(), 0, 1e-3);
        foreach (var memory in scratch) memory.Dispose();
    }

    [Fact]
    public void PowersAndGeluAreAccurate()
    {
        Assert.SkipUnless(Avx2.IsSupported, "The processor has no AVX2.");
        for (var x = -90f; x <= 0; x += 0.37f)
            Assert.Equal(1, PanelMath.Exp(Vector512.Create(x))[3] / Math.Exp(x), x > -87 ? 4e-7 : 1); // float32 has no smaller normal numbers
        for (var x = -12f; x <= 12; x += 0.013f)
        {
            using var expected = nn.functional.gelu(tensor((double)x));
            Assert.Equal(expected.ToDouble(), PanelMath.Gelu(Vector512.Create(x))[5], 2e-7 * Math.Max(1, Math.Abs(x)));
        }
    }

    [Fact]
    public void RoughActivationsAreWithinTheirError()
    {
        Assert.SkipUnless(Avx2.IsSupported, "The processor has no AVX2.");
        for (var x = -12f; x <= 12; x += 0.0013f)
        {
            var values = Vector512.Create(x);
            Assert.Equal(x / (1 + Math.Exp(-1.702 * x)), PanelMath.QuickGelu(values)[3], 4e-7 * Math.Max(1, Math.Abs(x)));
            Assert.Equal(PanelMath.QuickGelu(values)[3], PanelActivation.QuickGelu(values)[3], 1e-4 * Math.Max(1, x));
            Assert.Equal(PanelMath.Gelu(values)[5], PanelActivation.Gelu(values)[7], 1e-4 * Math.Max(1, x));
        }
        for (var x = -87f; x <= 0; x += 0.013f) Assert.Equal(1, PanelActivation.Exp(Vector512.Create(x))[3] / Math.Exp(x), 1e-4);
        Assert.InRange(PanelActivation.Exp(Vector512.Create(float.NegativeInfinity))[0], 0, 2e-38f);
    }

    [Fact]
    public void RowsBecomeColumnsWithZerosForThoseThatAreNot()
    {
        Assert.SkipUnless(Avx2.IsSupported, "The processor has no AVX2.");
        const int Stride = 51, Guard = -7;
        var source = Enumerable.Range(1, 24 * Stride + 16).Select(i => (float)i).ToArray();
        foreach (var targetRows in new[] { 1, 7, 16, 17, 24 })
        {
            foreach (var (rows, columns) in new[] { (targetRows, 16), (Math.Max(1, targetRows - 2), 33), (1, 1) })
            {
                var target = Enumerable.Repeat((float)Guard, columns * targetRows + 20).ToArray();
                fixed (float* from = source)
                fixed (float* to = target)
                    PanelTranspose.Run(from, Stride, rows, columns, to, targetRows);
                for (var i = 0; i < target.Length; i++)
                {
                    var (column, row) = (i / targetRows, i % targetRows);
                    Assert.Equal(column >= columns ? Guard : row < rows ? source[row * Stride + column] : 0, target[i]);
                }
            }
        }
    }

    private static PanelCode Supported(Instructions instructions, int weightsOf)
    {
        var weights = (PanelNumbers)weightsOf;
        var code = Sets[(int)instructions].Code(weights);
        Assert.SkipUnless(code is not null, $"The processor has no products of {weights} by {instructions}.");
        return code;
    }

    /// <summary>The 32 bits of a row for one step's weights.</summary>
    private static int WordsPerStep(PanelCode code) => code.Weights.PerWord() / code.Rows.PerWord();

    private static void FillWith(Random random, PanelNumbers numbers, byte* target, int words)
    {
        if (numbers == PanelNumbers.Int8) random.NextBytes(new Span<byte>(target, words * sizeof(int)));
        else if (numbers == PanelNumbers.Int16) new Span<short>(target, 2 * words).FillEach(() => (short)random.Next(-4000, 4001));
        else if (numbers == PanelNumbers.Float32) new Span<float>(target, words).FillEach(() => random.NextSingle() - 0.5f);
        else new Span<ushort>(target, 2 * words).FillEach(() => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16));
    }

    /// <summary>What a step adds to a sum: that of the products of each of its inputs.</summary>
    private static double Multiplied(PanelCode code, byte* stepWeights, int column, byte* x, int step, int row, int rows)
    {
        var perStep = code.Weights.PerWord();
        return Enumerable.Range(0, perStep).Sum(i =>
        {
            var input = step * perStep + i;
            var word = x + 4 * (input / code.Rows.PerWord() * rows + row);
            return Weight(code, stepWeights, column, i) * Number(code.Rows, word, input % code.Rows.PerWord());
        });
    }

    private static double Weight(PanelCode code, byte* step, int column, int index) => (code.Weights, code.Rows) switch
    {
        (PanelNumbers.Int8, PanelNumbers.Int8) => step[4 * column + index],
        (PanelNumbers.Int8, _) => (sbyte)step[index / 2 * PanelCode.StepBytes / 2 + 2 * column + index % 2],
        _ => Number(code.Weights, step + 4 * column, index),
    };

    private static double Number(PanelNumbers numbers, byte* word, int index) => numbers switch
    {
        PanelNumbers.Float32 => *(float*)word,
        PanelNumbers.BFloat16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)word)[index] << 16),
        PanelNumbers.Int16 => ((short*)word)[index],
        _ => (sbyte)word[index],
    };

    private static void AssertSum(PanelCode code, double expected, byte* sums, int place) =>
        Assert.Equal(expected, code.Weights == PanelNumbers.Int8 ? ((int*)sums)[place] : ((float*)sums)[place], 1e-4);
}

internal static class SpanFilling
{
    public static void FillEach<T>(this Span<T> span, Func<T> next)
    {
        foreach (ref var value in span) value = next();
    }
}
