using System.Runtime.Intrinsics;
using AltClip.Inference.Kernels.Panels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>The code made at run time against libtorch; on processors that lack the instructions there is nothing to test.</summary>
[Collection(nameof(ProcessWide))]
public sealed unsafe class PanelTests
{
    public static TheoryData<int> Numbers => [.. Enum.GetValues<PanelNumbers>().Select(numbers => (int)numbers)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void EveryNumberOfRowsHasItsOwnCode(int kind)
    {
        var numbers = Supported(kind);
        const int Steps = 7, Columns = PanelKernels.Columns;
        using PanelMemory weights = new(), x = new(), sums = new();
        var random = new Random(kind);
        for (var rows = 1; rows <= PanelKernels.MostRows; rows++)
        {
            // A stride of two panels: what lies between must not be read into the sums.
            FillWith(random, numbers, weights.Reserve((nuint)(Steps * 2 * Columns * sizeof(int))), Steps * 2 * Columns);
            FillWith(random, numbers, x.Reserve((nuint)(Steps * rows * sizeof(int))), Steps * rows);
            sums.Reserve((nuint)(rows * Columns * sizeof(int)));
            PanelKernels.Get(numbers, rows)(weights.Start, 2 * Columns * sizeof(int), Steps, x.Start, sums.Start, Columns * sizeof(int));
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < Columns; column++)
                {
                    double expected = 0;
                    for (var step = 0; step < Steps; step++)
                        expected += Multiplied(numbers, weights.Start + 4 * (step * 2 * Columns + column), x.Start + 4 * (step * rows + row));
                    var place = row * Columns + column;
                    var actual = numbers == PanelNumbers.Int8 ? ((int*)sums.Start)[place] : ((float*)sums.Start)[place];
                    Assert.Equal(expected, actual, 1e-4);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void EveryNumberOfRowsHasItsOwnCodeForTwoPanels(int kind)
    {
        var numbers = Supported(kind);
        const int Steps = 7, Columns = PanelKernels.Columns, Guard = 0x5EED;
        using PanelMemory first = new(), second = new(), x = new(), sums = new();
        var random = new Random(kind);
        for (var rows = 1; rows <= PanelKernels.MostPairRows; rows++)
        {
            foreach (var panel in (PanelMemory[])[first, second]) FillWith(random, numbers, panel.Reserve((nuint)(Steps * Columns * sizeof(int))), Steps * Columns);
            FillWith(random, numbers, x.Reserve((nuint)(Steps * rows * sizeof(int))), Steps * rows);
            sums.Reserve((nuint)((rows * 2 * Columns + 1) * sizeof(int)));
            ((int*)sums.Start)[rows * 2 * Columns] = Guard;
            PanelKernels.GetPair(numbers, rows)(first.Start, second.Start, Steps, x.Start, sums.Start);
            Assert.Equal(Guard, ((int*)sums.Start)[rows * 2 * Columns]);
            for (var place = 0; place < rows * 2 * Columns; place++)
            {
                var (row, weights, column) = (place / Columns / 2, place / Columns % 2 == 0 ? first : second, place % Columns);
                double expected = 0;
                for (var step = 0; step < Steps; step++)
                    expected += Multiplied(numbers, weights.Start + 4 * (step * Columns + column), x.Start + 4 * (step * rows + row));
                var actual = numbers == PanelNumbers.Int8 ? ((int*)sums.Start)[place] : ((float*)sums.Start)[place];
                Assert.Equal(expected, actual, 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(PanelNumbersCode.Float32, 1e-5)]
    [InlineData(PanelNumbersCode.BFloat16, 0.02)]
    [InlineData(PanelNumbersCode.Int8, 0.05)]
    public void AProductIsLibtorchs(PanelNumbersCode kind, double tolerance)
    {
        var numbers = Supported((int)kind);
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
                using var product = new PanelProduct(weight, bias, numbers);
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

    [Fact]
    public void PowersAndGeluAreAccurate()
    {
        Supported((int)PanelNumbers.Float32);
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
        Supported((int)PanelNumbers.Int8);
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
        Supported((int)PanelNumbers.Float32);
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

    /// <summary>Public so that a test can name them.</summary>
    public enum PanelNumbersCode
    {
        Float32,
        BFloat16,
        Int8,
    }

    private static PanelNumbers Supported(int kind)
    {
        var numbers = (PanelNumbers)kind;
        Assert.SkipUnless(PanelKernels.IsSupported(numbers), $"The processor has no products of {numbers}.");
        return numbers;
    }

    private static void FillWith(Random random, PanelNumbers numbers, byte* target, int count)
    {
        if (numbers == PanelNumbers.Int8) random.NextBytes(new Span<byte>(target, count * sizeof(int)));
        else if (numbers == PanelNumbers.Float32) new Span<float>(target, count).FillEach(() => random.NextSingle() - 0.5f);
        else new Span<ushort>(target, 2 * count).FillEach(() => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16));
    }

    private static double Multiplied(PanelNumbers numbers, byte* weights, byte* x)
    {
        static float Widened(byte* two) => BitConverter.UInt32BitsToSingle((uint)*(ushort*)two << 16);
        return numbers switch
        {
            PanelNumbers.Float32 => (double)*(float*)weights * *(float*)x,
            PanelNumbers.BFloat16 => (double)Widened(weights) * Widened(x) + (double)Widened(weights + 2) * Widened(x + 2),
            _ => Enumerable.Range(0, 4).Sum(i => weights[i] * (sbyte)x[i]),
        };
    }
}

internal static class SpanFilling
{
    public static void FillEach<T>(this Span<T> span, Func<T> next)
    {
        foreach (ref var value in span) value = next();
    }
}
