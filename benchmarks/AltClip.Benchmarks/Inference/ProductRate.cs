using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>How fast the machine does the largest products of a layer by themselves.</summary>
/// <param name="Precision">The product's numbers.</param>
/// <param name="Widen">GFLOP/s of 257 rows from 1024 to 4096.</param>
/// <param name="Narrow">GFLOP/s of 257 rows from 4096 to 1024.</param>
internal sealed record ProductRate(string Precision, double Widen, double Narrow)
{
    private const long Rows = 257;

    public double Best => Math.Max(Widen, Narrow);

    public static ProductRate Measure(InferencePrecision precision)
    {
        using var kernels = EncoderKernels.Load(precision, CPU);
        return new ProductRate(precision.ToString(), Rate(kernels, 1024, 4096), Rate(kernels, 4096, 1024));
    }

    /// <summary>How many times faster oneDNN's packed float32 product of 257 rows from 1024 to 4096 is than libtorch's plain one.</summary>
    public static double PackedOverPlain()
    {
        using var kernels = EncoderKernels.Load(InferencePrecision.Float32, CPU);
        var timings = Time(kernels, 1024, 4096, withPlain: true);
        return timings[1].Least / timings[0].Least;
    }

    private static double Rate(EncoderKernels kernels, long inputs, long outputs) =>
        2e-6 * Rows * inputs * outputs / Time(kernels, inputs, outputs)[0].Least;

    private static IReadOnlyList<Timing> Time(EncoderKernels kernels, long inputs, long outputs, bool withPlain = false)
    {
        using var weight = randn(outputs, inputs);
        using var bias = randn(outputs);
        using var x = randn(Rows, inputs, dtype: kernels.DType);
        var product = new List<Tensor>();
        kernels.AddProduct(product, weight, bias);
        List<Contestant> contestants = [new("packed", () => kernels.Linear(x, product).Dispose())];
        if (withPlain) contestants.Add(new("plain", () => nn.functional.linear(x, weight, bias).Dispose()));
        var timings = Contest.Run($"{kernels.DType} product {Rows}x{inputs}x{outputs}", contestants, rounds: 5);
        foreach (var tensor in product) tensor.Dispose();
        return timings;
    }
}
