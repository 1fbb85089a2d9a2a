using AltClip.Configuration;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Computes the activation functions that a configuration may name.</summary>
internal static class Activation
{
    public static Func<Tensor, Tensor> Get(ActivationFunction function) => function switch
    {
        ActivationFunction.Gelu => x => nn.functional.gelu(x),
        ActivationFunction.GeluNew or ActivationFunction.GeluPytorchTanh => TanhGelu,
        ActivationFunction.QuickGelu => QuickGelu,
        ActivationFunction.Relu => x => nn.functional.relu(x),
        ActivationFunction.Selu => x => nn.functional.selu(x),
        ActivationFunction.Silu => x => nn.functional.silu(x),
        ActivationFunction.Mish => Mish,
        ActivationFunction.Tanh => x => x.tanh(),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Not an activation function."),
    };

    // gelu_new writes out the same formula in elementary steps; the difference is rounding.
    private static Tensor TanhGelu(Tensor x) => nn.functional.gelu(x, GELU.Approximate.tanh);

    // x * tanh(softplus(x)). TorchSharp's softplus and mish don't hold the numbers that they take.
    private static Tensor Mish(Tensor x)
    {
        using var scope = NewDisposeScope();
        var softplus = -nn.functional.logsigmoid(-x);
        return scope.MoveToOuter(x * softplus.tanh());
    }

    private static Tensor QuickGelu(Tensor x)
    {
        // x * sigmoid(1.702 x) by silu, whose gradient is one pass over memory and not four. Nothing is kept of the products with a number.
        const double steepness = 1.702;
        using var steeper = x.Times(steepness);
        return nn.functional.silu(steeper).Times_(1 / steepness);
    }
}
