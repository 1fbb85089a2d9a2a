using AltClip.Inference.Kernels.OneDnn;
using AltClip.Inference.Kernels.Panels;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>How fast the products that inference uses do the largest ones of a layer by themselves.</summary>
/// <param name="Precision">The product's numbers.</param>
/// <param name="Widen">GFLOP/s of 257 rows from 1024 to 4096.</param>
/// <param name="Narrow">GFLOP/s of 257 rows from 4096 to 1024.</param>
internal sealed record ProductRate(string Precision, double Widen, double Narrow)
{
    private const long Rows = 257;
    private static readonly int Rounds = Effort.Of(5, quick: 1);

    public double Best => Math.Max(Widen, Narrow);

    public static ProductRate Measure(InferencePrecision precision)
    {
        var numbers = PanelNumbersExtensions.Of(precision);
        if ((PanelInstructions.OfAvx512.Code(numbers) ?? PanelInstructions.OfAvx2.Code(numbers)) is { } code)
            return new ProductRate(precision.ToString(), PanelRate(code, 1024, 4096), PanelRate(code, 4096, 1024));
        if (!OneDnnKernel.Has(precision)) return new ProductRate(precision.ToString(), PlainRate(1024, 4096), PlainRate(4096, 1024));
        using var kernels = new OneDnnCode(precision, CPU);
        return new ProductRate(precision.ToString(), Rate(kernels, 1024, 4096), Rate(kernels, 4096, 1024));
    }

    /// <summary>How many times faster oneDNN's packed float32 product of 257 rows from 1024 to 4096 is than libtorch's plain one.</summary>
    public static double PackedOverPlain()
    {
        if (!OneDnnKernel.Has(InferencePrecision.Float32)) return 1;
        using var kernels = new OneDnnCode(InferencePrecision.Float32, CPU);
        var timings = Time(kernels, 1024, 4096, withPlain: true);
        return timings[1].Least / timings[0].Least;
    }

    private static double Rate(OneDnnCode kernels, long inputs, long outputs) => Rate(inputs, outputs, Time(kernels, inputs, outputs)[0]);

    // What computes where no kernel has a product of its own.
    private static double PlainRate(long inputs, long outputs)
    {
        using var weight = randn(outputs, inputs);
        using var x = randn(Rows, inputs);
        return Rate(inputs, outputs, Contest.Run($"plain product {Rows}x{inputs}x{outputs}", [new("plain", () => nn.functional.linear(x, weight).Dispose())], Rounds)[0]);
    }

    private static unsafe double PanelRate(PanelCode code, int inputs, int outputs)
    {
        using var weight = randn(outputs, inputs);
        using var product = new PanelProduct(weight, null, code);
        using var rows = new PanelRows();
        using PanelMemory x = new(), y = new();
        var source = x.Reserve(Rows * inputs);
        var target = y.Reserve(Rows * outputs);
        var random = new Random(1);
        for (var i = 0; i < Rows * inputs; i++) source[i] = random.NextSingle() - 0.5f;
        using var team = WorkTeam.Enter();
        PanelMemory[] scratch = [.. Enumerable.Range(0, team.Threads).Select(_ => new PanelMemory())];
        void Run() => product.Run(team, scratch, rows, source, (int)Rows, inputs, target);

        var timing = Contest.Run($"{code.Weights} product {Rows}x{inputs}x{outputs}", [new("panels", Run)], Rounds)[0];
        foreach (var memory in scratch) memory.Dispose();
        return Rate(inputs, outputs, timing);
    }

    private static double Rate(long inputs, long outputs, Timing timing) => 2e-6 * Rows * inputs * outputs / timing.Least;

    private static IReadOnlyList<Timing> Time(OneDnnCode kernels, long inputs, long outputs, bool withPlain = false)
    {
        using var weight = randn(outputs, inputs);
        using var bias = randn(outputs);
        using var x = randn(Rows, inputs, dtype: kernels.DType);
        var product = new List<Tensor>();
        kernels.AddProduct(product, weight, bias);
        List<Contestant> contestants = [new("packed", () => kernels.Linear(x, product).Dispose())];
        if (withPlain) contestants.Add(new("plain", () => nn.functional.linear(x, weight, bias).Dispose()));
        var timings = Contest.Run($"{kernels.DType} product {Rows}x{inputs}x{outputs}", contestants, Rounds);
        foreach (var tensor in product) tensor.Dispose();
        return timings;
    }
}
