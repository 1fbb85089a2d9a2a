namespace AltClip;

/// <summary>An activation as the packed code computes it: f(<see cref="Inside"/> * x) / <see cref="Inside"/>.</summary>
/// <param name="Code">The number of f in the archive's code.</param>
/// <param name="Inside">The factor, which goes into the weights before and after the activation.</param>
internal readonly record struct FusedActivation(int Code, double Inside = 1)
{
    public static FusedActivation Get(string name) => name switch
    {
        "relu" => new(1),
        "gelu" => new(2),
        "gelu_new" or "gelu_pytorch_tanh" => new(3),
        "silu" => new(4),
        "selu" => new(5),
        "quick_gelu" => new(4, 1.702), // x sigmoid(1.702 x) = silu(1.702 x) / 1.702
        _ => throw new NotSupportedException($"The activation {name} is not known."),
    };
}
