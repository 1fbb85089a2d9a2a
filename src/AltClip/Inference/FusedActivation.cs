using AltClip.Configuration;

namespace AltClip.Inference;

/// <summary>An activation as the packed code computes it: f(<see cref="Inside"/> * x) / <see cref="Inside"/>.</summary>
/// <param name="Code">The number of f in the archive's code.</param>
/// <param name="Inside">The factor, which goes into the weights before and after the activation.</param>
internal readonly record struct FusedActivation(int Code, double Inside = 1)
{
    public static FusedActivation Get(ActivationFunction function) => function switch
    {
        ActivationFunction.Relu => new(1),
        ActivationFunction.Gelu => new(2),
        ActivationFunction.GeluNew or ActivationFunction.GeluPytorchTanh => new(3),
        ActivationFunction.Silu => new(4),
        ActivationFunction.Selu => new(5),
        ActivationFunction.QuickGelu => new(4, 1.702), // x sigmoid(1.702 x) = silu(1.702 x) / 1.702
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Not an activation function."),
    };
}
