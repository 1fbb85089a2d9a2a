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

    private static double Rate(EncoderKernels kernels, long inputs, long outputs)
    {
        using var weight = randn(outputs, inputs);
        using var bias = randn(outputs);
        using var x = randn(Rows, inputs, dtype: kernels.DType);
        var product = new List<Tensor>();
        kernels.AddProduct(product, weight, bias);
        var timing = Contest.Run(
            $"{kernels.DType} product {Rows}x{inputs}x{outputs}", [new("packed", () => kernels.Linear(x, product).Dispose())], rounds: 5)[0];
        foreach (var tensor in product) tensor.Dispose();
        return 2e-6 * Rows * inputs * outputs / timing.Least;
    }
}
