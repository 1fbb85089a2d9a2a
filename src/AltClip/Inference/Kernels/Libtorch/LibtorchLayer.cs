using AltClip.Modeling;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Libtorch;

/// <summary>One layer of an encoder.</summary>
internal sealed class LibtorchLayer : IDisposable
{
    private readonly EncoderSpec _encoder;
    private readonly LibtorchPart _norm1, _norm2, _keyValue, _output, _widen, _narrow;
    private readonly LibtorchPart? _query;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Action<string, Tensor>? _observe;
    private readonly EncoderLayerNames _names;
    private readonly double _inside;

    /// <summary>Packs a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="encoder">What it is one of.</param>
    /// <param name="like">Of the type and on the device that its weights are to have.</param>
    /// <param name="observe">Is shown the inputs of products; see <see cref="LibtorchKernel"/>.</param>
    public LibtorchLayer(EncoderLayerParts layer, EncoderSpec encoder, Tensor like, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        (_encoder, _observe, _names) = (encoder, observe, layer.Names);
        var fused = FusedActivation.Get(encoder.Activation);
        (_activation, _inside) = (Activation.Get(fused.Function), fused.Inside);
        // Attention scales by itself.
        var (query, keyValue) = layer.Asking(last: layer == encoder.Layers[^1], queryFactor: 1);
        if (query is { } apart) _query = new LibtorchPart(apart.Weight, apart.Bias, like);
        _keyValue = new LibtorchPart(keyValue.Weight, keyValue.Bias, like);
        _output = new LibtorchPart(layer.Output.weight!, layer.Output.bias, like);
        _widen = new LibtorchPart(layer.Widen.weight!, layer.Widen.bias!.Times(fused.Inside), like, fused.Inside);
        _narrow = new LibtorchPart(layer.Narrow.weight!, layer.Narrow.bias, like, 1 / fused.Inside);
        _norm1 = new LibtorchPart(layer.Norm1.weight!, layer.Norm1.bias, like);
        _norm2 = new LibtorchPart(layer.Norm2.weight!, layer.Norm2.bias, like);
    }

    /// <summary>The states [tokens, width] after the layer, or after the last one those of first tokens: [sequences, width].</summary>
    public Tensor Run(Tensor x, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var context = Context(x, groups, mask);
        _observe?.Invoke(_names.Output, context);
        var states = _output.Linear(context, _query is null ? x : FirstRows(x, groups));
        return scope.MoveToOuter(_encoder.PreNorm
            ? FeedForward(_norm2.Norm(states, _encoder.Eps), states)
            : _norm2.Norm(FeedForward(_norm1.Norm(states, _encoder.Eps), null), _encoder.Eps));
    }

    public void Dispose()
    {
        _query?.Dispose();
        foreach (var part in (IDisposable[])[_norm1, _norm2, _keyValue, _output, _widen, _narrow]) part.Dispose();
    }

    private Tensor FeedForward(Tensor normed, Tensor? states)
    {
        using var scope = NewDisposeScope();
        _observe?.Invoke(_names.Widen, normed);
        var wide = Widened(normed);
        _observe?.Invoke(_names.Narrow, wide.Over(_inside));
        return scope.MoveToOuter(_narrow.Linear(wide, states ?? normed));
    }

    private Tensor Widened(Tensor normed)
    {
        using var wide = _widen.Linear(normed);
        return _activation(wide);
    }

    /// <summary>What attention gives: [tokens, width], or in the last layer [sequences, width].</summary>
    private Tensor Context(Tensor x, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var normed = _encoder.PreNorm ? _norm1.Norm(x, _encoder.Eps) : x;
        _observe?.Invoke(_names.Query, normed);
        var asked = _query?.Linear(FirstRows(normed, groups));
        var joined = _keyValue.Linear(normed);
        var parts = new List<Tensor>();
        for (var (i, first, sequence) = (0, 0L, 0L); i < groups.Length; i += 2)
        {
            var (count, length) = (groups[i], groups[i + 1]);
            var heads = joined.narrow(0, first, count * length).view(count, length, -1, _encoder.Heads, _encoder.HeadSize).transpose(1, 3).unbind(2);
            var query = asked is null ? heads[0] : Attention.SplitHeads(asked.narrow(0, sequence, count).unsqueeze(1), _encoder.Heads);
            var firstMask = asked is null ? mask : mask?.narrow(2, 0, 1);
            parts.Add(Attention.Context(query, heads[^2], heads[^1], firstMask, dropout: 0, training: false).flatten(0, 1));
            first += count * length;
            sequence += count;
        }
        return scope.MoveToOuter(parts.Count == 1 ? parts[0] : cat(parts));
    }

    private static Tensor FirstRows(Tensor x, long[] groups)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (var (i, first) = (0, 0L); i < groups.Length; first += groups[i] * groups[i + 1], i += 2)
            parts.Add(x.narrow(0, first, groups[i] * groups[i + 1]).view(groups[i], groups[i + 1], -1).select(1, 0));
        return scope.MoveToOuter(cat(parts));
    }
}
