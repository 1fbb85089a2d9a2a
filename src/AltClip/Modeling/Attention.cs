using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Scaled dot-product attention over heads (Vaswani et al., arXiv 1706.03762), shared by both encoders.</summary>
internal static class Attention
{
    /// <summary>
    /// Up to how many keys float32 trains faster in steps than by libtorch's fused kernel for the CPU, whose backward pass is slow: at 50 keys
    /// 12 ms to 14 for both passes, in bfloat16 14 ms to 45 and still 126 to 210 at 514 keys.
    /// </summary>
    private const int StepwiseKeys = 128;

    /// <summary>Splits a width into heads: [batch, sequence, heads * size] becomes [batch, heads, sequence, size].</summary>
    public static Tensor SplitHeads(Tensor states, int heads)
    {
        using var split = states.view(states.shape[0], states.shape[1], heads, -1);
        return split.transpose(1, 2);
    }

    /// <summary>
    /// softmax(Q K^T / sqrt(size) + mask) V, joined to [batch, sequence, heads * size]: by the kernel that never stores the weights, or in
    /// steps where a module that is in <paramref name="training"/> has its gradients faster so. Not where gradients are wanted: passes with
    /// and without them are to give the same numbers.
    /// </summary>
    public static Tensor Context(Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout, bool training)
    {
        if (!training || query.device_type != DeviceType.CPU || (query.dtype == ScalarType.Float32 && key.shape[2] > StepwiseKeys))
            return Fused(query, key, value, mask, dropout);
        var (context, weights) = Stepwise(query, key, value, mask, dropout);
        weights.Dispose();
        return context;
    }

    private static Tensor Fused(Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout)
    {
        using var context = nn.functional.scaled_dot_product_attention(query, key, value, mask, dropout);
        return JoinHeads(context);
    }

    /// <summary>
    /// The same in steps, for what the fused kernel can't do: terms that depend on the distance of two positions, weights of single heads,
    /// and returning the attention weights [batch, heads, queries, keys].
    /// </summary>
    public static (Tensor Context, Tensor Weights) Stepwise(
        Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout, Tensor? distanceScores = null, Tensor? headMask = null)
    {
        using var scope = NewDisposeScope();
        var scores = query.matmul(key.transpose(-1, -2));
        if (distanceScores is not null) scores.Plus_(distanceScores);
        scores.Over_(Math.Sqrt(query.shape[^1]));
        if (mask is not null) scores.Plus_(mask);
        var weights = scores.softmax(-1);
        if (dropout > 0) weights = nn.functional.dropout(weights, dropout, training: true);
        if (headMask is not null) weights *= headMask;
        var context = JoinHeads(weights.matmul(value));
        return scope.MoveToOuter(context, weights);
    }

    private static Tensor JoinHeads(Tensor context)
    {
        using var transposed = context.transpose(1, 2);
        return transposed.reshape(context.shape[0], context.shape[2], context.shape[1] * context.shape[3]);
    }
}
