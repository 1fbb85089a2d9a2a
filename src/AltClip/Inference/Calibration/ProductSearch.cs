using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>Finds how a product takes its inputs with the least error, by computing it with rows that were recorded.</summary>
internal static class ProductSearch
{
    // How much of the greatest inputs goes into the weights, as SmoothQuant's alpha has it; 0 stands for smoothing the weights alone.
    private static readonly double[] Strengths = [0.15, 0.3, 0.45, 0.6, 0.75];

    /// <summary>What smoothing has to gain, of the error's square, to be worth that inputs are divided.</summary>
    private const double Gain = 0.05;

    /// <summary>The best way.</summary>
    /// <param name="weight">W: float32 [outputs, inputs].</param>
    /// <param name="recorded">Its inputs.</param>
    public static ProductCalibration Best(Tensor weight, RecordedInputs recorded)
    {
        using var scope = NewDisposeScope();
        var rows = recorded.Rows();
        var exact = rows.matmul(weight.t());
        var mean = recorded.Mean();
        var least = Error(exact, rows, weight, mean, null, null);
        var best = new ProductCalibration(mean.data<float>().ToArray(), null, null);
        var bound = least * (1 - Gain);
        foreach (var strength in Strengths)
        {
            using var inner = NewDisposeScope();
            var smoothing = Smoothing(weight, recorded, strength);
            var error = Error(exact, rows, weight, mean, smoothing, null);
            if (error >= bound) continue;
            (least, bound, best) = (error, error, best with { Smoothing = smoothing.data<float>().ToArray() });
        }
        // One step for all rows saves the search for each row's own, and is right where it isn't greater than theirs.
        using var chosen = best.Smoothing is { } found ? tensor(found) : null;
        var range = Range(recorded, chosen);
        if (Error(exact, rows, weight, mean, chosen, range) <= least) best = best with { Range = range };
        return best;
    }

    /// <summary>The factors of SmoothQuant, equation 4, with 1 as their geometric mean.</summary>
    private static Tensor Smoothing(Tensor weight, RecordedInputs recorded, double strength)
    {
        var inputs = recorded.Greatest.maximum(-recorded.Least).AtLeast(1e-5f);
        var columns = weight.abs().amax([0]).AtLeast(1e-5f);
        var logarithms = inputs.log().Times(strength) - columns.log().Times(1 - strength);
        return (logarithms - logarithms.mean()).exp().to(float32).contiguous();
    }

    private static (float Low, float High) Range(RecordedInputs recorded, Tensor? smoothing)
    {
        using var scope = NewDisposeScope();
        var (least, greatest) = (recorded.Least, recorded.Greatest);
        if (smoothing is not null) (least, greatest) = (least / smoothing, greatest / smoothing);
        return (Math.Min(0, (float)least.min().ToNumber()), Math.Max(0, (float)greatest.max().ToNumber()));
    }

    /// <summary>The squared error of the product in int8, as <see cref="Kernels.Panels.PanelRows"/> and <see cref="Kernels.Panels.PanelProduct"/> round.</summary>
    private static double Error(Tensor exact, Tensor rows, Tensor weight, Tensor mean, Tensor? smoothing, (float Low, float High)? range)
    {
        using var scope = NewDisposeScope();
        var (x, w) = smoothing is null ? (rows, weight) : (rows / smoothing, weight * smoothing);
        var step = w.abs().amax([1], keepdim: true).Over(127).AtLeast(1e-30f);
        var rounded = (w / step).round().mul(step);
        var bias = (w - rounded).matmul(smoothing is null ? mean : mean / smoothing);
        var difference = RoundedRows(x, range).matmul(rounded.t()).Plus(bias) - exact;
        return (difference * difference).sum().ToNumber();
    }

    private static Tensor RoundedRows(Tensor x, (float Low, float High)? range)
    {
        using Scalar none = 0, lowest = -128, highest = 127;
        var low = range is { } all ? tensor(all.Low) : x.amin([1], keepdim: true).clamp_max(none);
        var high = range is { } same ? tensor(same.High) : x.amax([1], keepdim: true).clamp_min(none);
        var step = (high - low).Over(255).AtLeast(1e-30f);
        var zero = (-low / step).round().Minus(128);
        return (x / step).round().Plus(zero).clamp(lowest, highest).sub(zero).mul(step);
    }
}
