using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AltClip.Native;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>What int8 gives with a calibration and without, on inputs that it was not made with.</summary>
/// <param name="Kernel">What runs the encoder.</param>
/// <param name="IsHeeded">Whether that heeds a calibration.</param>
/// <param name="Dynamic">How exact it is without.</param>
/// <param name="Calibrated">How exact it is with it.</param>
/// <param name="Time">The time with it over that without: the median of pairs.</param>
internal sealed record CalibrationTrial(string Kernel, bool IsHeeded, Exactness Dynamic, Exactness Calibrated, double Time)
{
    private const int Pairs = 9;

    /// <summary>By how much times differ that are the same.</summary>
    private const double SameTime = 1.05;

    /// <summary>Whether the calibration is of use: it is at least as exact, and takes no more time.</summary>
    public bool IsBetter => IsHeeded && Calibrated.Mean > Dynamic.Mean && Calibrated.Worst >= Dynamic.Worst && Time <= SameTime;

    /// <summary>Tries a calibration.</summary>
    /// <param name="model">The model.</param>
    /// <param name="towers">The encoder.</param>
    /// <param name="calibration">What was measured of it.</param>
    /// <param name="embed">Embeds inputs that were held out, two or more.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    [RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
    public static CalibrationTrial Run(
        AltCLIPModel model, InferenceTowers towers, ModelCalibration calibration, Func<AltCLIPInference, Tensor> embed, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var options = new InferenceOptions { Towers = towers, Precision = InferencePrecision.Int8 };
        Tensor exact;
        using (var full = AltCLIPInferenceExtensions.Pack(model, options with { Precision = InferencePrecision.Float32 }, null)) exact = embed(full).ToUnitLength();
        using var calibrated = AltCLIPInferenceExtensions.Pack(model, options, null, calibration);
        var kernel = towers == InferenceTowers.Text ? calibrated.TextKernel! : calibrated.ImageKernel!;
        // The same kernel, as the nearly as fast ones differ in exactness too.
        using var plain = AltCLIPInferenceExtensions.Pack(model, options with { Kernel = kernel }, null);
        var (before, after) = (Exactness.Of(exact, embed(plain)), Exactness.Of(exact, embed(calibrated)));
        var ratios = new List<double>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // In turns which is first, as the clock may rise or fall.
            var (first, second) = pair % 2 == 0 ? (plain, calibrated) : (calibrated, plain);
            var (firstTime, secondTime) = (Milliseconds(first, embed), Milliseconds(second, embed));
            ratios.Add(pair % 2 == 0 ? secondTime / firstTime : firstTime / secondTime);
        }
        ratios.Sort();
        return new CalibrationTrial(kernel, calibrated.IsTextCalibrated || calibrated.IsImageCalibrated, before, after, ratios[Pairs / 2]);
    }

    private static double Milliseconds(AltCLIPInference inference, Func<AltCLIPInference, Tensor> embed)
    {
        var watch = Stopwatch.StartNew();
        embed(inference).Dispose();
        return watch.Elapsed.TotalMilliseconds;
    }
}

/// <summary>Cosines of embeddings to those that float32 gives.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Worst">The least.</param>
internal readonly record struct Exactness(double Mean, double Worst)
{
    /// <summary>Compares embeddings.</summary>
    /// <param name="exact">Those of float32, of length one: [inputs, projection_dim].</param>
    /// <param name="embeddings">The others, of any length.</param>
    public static Exactness Of(Tensor exact, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        // As 1 minus half the square of the distance, in float64: the cosines are as near to 1 as float32 can tell from it.
        var other = embeddings.to(float64);
        var difference = other / other.norm(1, keepdim: true) - exact.to(float64) / exact.to(float64).norm(1, keepdim: true);
        var cosines = (difference * difference).sum(dim: 1).Over(2).OneMinus();
        return new(cosines.mean().ToNumber(), cosines.min().ToNumber());
    }
}
