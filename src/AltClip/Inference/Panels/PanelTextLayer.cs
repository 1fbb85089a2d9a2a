using static TorchSharp.torch;

namespace AltClip;

/// <summary>One layer of the text encoder.</summary>
internal sealed unsafe class PanelTextLayer : IDisposable
{
    private readonly PanelProduct? _query;
    private readonly PanelProduct _keyValue, _output, _widen, _narrow;
    private readonly PanelNorm _norm1, _norm2;
    private readonly int _width;

    /// <summary>Packs a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="numbers">What its products multiply.</param>
    /// <param name="last">Whether only first tokens ask; else the queries' weights are joined to the keys' and values'.</param>
    public PanelTextLayer(AltRobertaLayer layer, AltCLIPTextConfig config, PanelNumbers numbers, bool last)
    {
        using var scope = NewDisposeScope();
        var self = layer.attention.self;
        _width = config.HiddenSize;
        var scale = 1 / Math.Sqrt(_width / config.NumAttentionHeads);
        var (query, queryBias) = (self.query.weight! * scale, self.query.bias! * scale);
        Tensor[] weights = [self.key.weight!, self.value.weight!], biases = [self.key.bias!, self.value.bias!];
        if (last) _query = new PanelProduct(query, queryBias, numbers);
        else (weights, biases) = ([query, .. weights], [queryBias, .. biases]);
        _keyValue = new PanelProduct(cat(weights), cat(biases), numbers);
        _output = new PanelProduct(layer.attention.output.dense.weight!, layer.attention.output.dense.bias, numbers);
        _widen = new PanelProduct(layer.intermediate.dense.weight!, layer.intermediate.dense.bias, numbers);
        _narrow = new PanelProduct(layer.output.dense.weight!, layer.output.dense.bias, numbers);
        _norm1 = new PanelNorm(layer.attention.output.LayerNorm, config.LayerNormEps);
        _norm2 = new PanelNorm(layer.output.LayerNorm, config.LayerNormEps);
    }

    /// <summary>Replaces the workspace's states, [tokens, width] or, in the last layer, those of first tokens: [texts, width].</summary>
    /// <param name="w">The workspace.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="mask">What is added to the scores, [text, length, length] where all are of one length, or null.</param>
    public void Run(PanelWorkspace w, PanelText[] texts, float* mask)
    {
        var last = texts[^1];
        var tokens = last.First + last.Length;
        var states = w.X;
        if (_query is null)
        {
            _keyValue.Run(w.Team, w.Scratch, w.Rows, w.X, tokens, _width, w.Wide);
            w.Attention.Run(w.Team, w.Scratch, texts, w.Wide, 3 * _width, w.Wide + _width, 3 * _width, mask, w.Context);
        }
        else
        {
            _keyValue.Run(w.Team, w.Scratch, w.Rows, w.X, tokens, _width, w.Wide);
            states = w.Asking;
            for (var i = 0; i < texts.Length; i++) Span(w.X, texts[i].First).CopyTo(Span(states, i));
            texts = [.. texts.Select((text, i) => text with { Asked = i, Queries = 1 })];
            tokens = texts.Length;
            _query.Run(w.Team, w.Scratch, w.Rows, states, tokens, _width, w.Sum);
            w.Attention.Run(w.Team, w.Scratch, texts, w.Sum, _width, w.Wide, 2 * _width, mask, w.Context);
        }
        _output.Run(w.Team, w.Scratch, w.Rows, w.Context, tokens, _width, w.Sum, other: states);
        _norm1.Run(w.Team, w.Sum, states, tokens);
        _widen.Run(w.Team, w.Scratch, w.Rows, states, tokens, _width, w.Wide, PanelEnd.Gelu);
        _narrow.Run(w.Team, w.Scratch, w.Rows, w.Wide, tokens, _widen.Outputs, w.Sum, other: states);
        _norm2.Run(w.Team, w.Sum, w.X, tokens);
    }

    public void Dispose()
    {
        _query?.Dispose();
        foreach (var part in (IDisposable[])[_keyValue, _output, _widen, _narrow, _norm1, _norm2]) part.Dispose();
    }

    private Span<float> Span(float* rows, int row) => new(rows + (nint)row * _width, _width);
}
