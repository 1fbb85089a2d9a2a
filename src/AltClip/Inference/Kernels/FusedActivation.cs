using AltClip.Configuration;

namespace AltClip.Inference.Kernels;

/// <summary>An activation as one pass over memory computes it: f(<see cref="Inside"/> * x) / <see cref="Inside"/>.</summary>
/// <param name="Function">f.</param>
/// <param name="Inside">The factor, which goes into the weights before and after the activation.</param>
internal readonly record struct FusedActivation(ActivationFunction Function, double Inside)
{
    // x sigmoid(1.702 x) = silu(1.702 x) / 1.702
    public static FusedActivation Get(ActivationFunction function) =>
        function == ActivationFunction.QuickGelu ? new(ActivationFunction.Silu, 1.702) : new(function, 1);
}
