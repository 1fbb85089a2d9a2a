using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>Weight decomposition: what is learned of a row's length apart from its direction (Liu et al., arXiv 2402.09353).</summary>
internal static class Dora
{
    /// <summary>
    /// What is added to a weight so that it has the direction of weight and change and the learned lengths: m (W + D) / |W + D| - W. As in the
    /// paper's section 4.3, no gradient flows through the lengths that are divided by.
    /// </summary>
    /// <param name="weight">The layer's weight.</param>
    /// <param name="delta">What the two small matrices add to it, of its shape.</param>
    /// <param name="magnitude">The learned lengths, in any shape of as many numbers.</param>
    /// <param name="dimensions">The dimensions of the weight that lengths are taken over.</param>
    public static Tensor Change(Tensor weight, Tensor delta, Tensor magnitude, long[] dimensions)
    {
        using var scope = NewDisposeScope();
        var before = weight.to(delta.dtype);
        var adapted = before.Plus(delta);
        var lengths = Lengths(adapted, dimensions);
        return scope.MoveToOuter(adapted * (magnitude.view(lengths.shape) / lengths) - before);
    }

    /// <summary>The lengths over some dimensions that follow each other, which stay with size 1.</summary>
    public static Tensor Lengths(Tensor weight, long[] dimensions)
    {
        using var scope = NewDisposeScope();
        // By norm, which takes one or two: TorchSharp's vector_norm doesn't hold the number that it takes.
        var joined = weight.detach().flatten(dimensions[0], dimensions[^1]);
        var lengths = linalg.norm(joined, [dimensions[0]], keepdim: true);
        return scope.MoveToOuter(lengths.unflatten(dimensions[0], [.. dimensions.Select(_ => 1L)]));
    }
}
