using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>The activation functions that a configuration may name, as transformers' <c>ACT2FN</c> defines them.</summary>
internal static class Activation
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["gelu"] = x => nn.functional.gelu(x),
        ["relu"] = x => nn.functional.relu(x),
        ["selu"] = x => nn.functional.selu(x),
        ["silu"] = x => nn.functional.silu(x),
        ["gelu_new"] = TanhGelu,
        ["quick_gelu"] = QuickGelu,
        ["gelu_pytorch_tanh"] = TanhGelu,
    };

    public static IReadOnlyCollection<string> Names => Functions.Keys;

    public static bool IsKnown(string? name) => name is not null && Functions.ContainsKey(name);

    public static Func<Tensor, Tensor> Get(string name) => Functions[name];

    // gelu_new writes out the same formula in elementary steps; the difference is rounding.
    private static Tensor TanhGelu(Tensor x) => nn.functional.gelu(x, GELU.Approximate.tanh);

    private static Tensor QuickGelu(Tensor x)
    {
        // x * sigmoid(1.702 x) by silu, whose gradient is one pass over memory and not four. Nothing is kept of the products with a number.
        const double steepness = 1.702;
        using var steeper = x * steepness;
        return nn.functional.silu(steeper).mul_(1 / steepness);
    }
}
