using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>Turns masks of ones (attend) and zeros (don't) into what is added to attention scores.</summary>
internal static class AdditiveMask
{
    /// <summary>
    /// A mask [batch, keys] or [batch, queries, keys] as zeros and the type's lowest number, broadcasting over heads. The lowest number and
    /// not minus infinity, as in transformers: a row with nothing to attend to attends to everything equally instead of giving NaN.
    /// </summary>
    public static Tensor From(Tensor mask, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var perHead = mask.dim() == 3 ? mask.unsqueeze(1) : mask.unsqueeze(1).unsqueeze(1);
        return scope.MoveToOuter(perHead.to(dtype).OneMinus().Times(finfo(dtype).min));
    }

    /// <summary>A padding mask [batch, sequence] as [batch, sequence, sequence], where each token sees itself and what is before it.</summary>
    public static Tensor Causal(Tensor mask)
    {
        using var scope = NewDisposeScope();
        var sequence = mask.shape[1];
        var past = ones(sequence, sequence, dtype: mask.dtype, device: mask.device).tril();
        return scope.MoveToOuter(past.unsqueeze(0) * mask.unsqueeze(1));
    }
}
