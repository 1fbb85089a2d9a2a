using static TorchSharp.torch;

namespace AltClip;

/// <summary>The text encoder with its projection, packed.</summary>
internal sealed class TextTower : IDisposable
{
    private readonly EncoderKernels _kernels;
    private readonly AltCLIPTextConfig _config;
    private readonly PanelTextEncoder? _panels;
    private readonly EncoderWeights? _layers;
    private readonly List<Tensor> _embeddingNorm = [], _preNorm = [], _transformation = [], _projection = [];
    private readonly ScalarType _states;
    private readonly Tensor _words;
    private readonly Tensor _positions;
    private readonly Tensor _types;

    public TextTower(AltCLIPModel model, EncoderKernels kernels, InferencePrecision precision, bool release)
    {
        _kernels = kernels;
        _config = model.Config.TextConfig;
        using var scope = NewDisposeScope();
        var text = model.text_model;
        var embeddings = text.roberta.embeddings;
        // A look-up, not a product: the table stays what it is, so that of a mapped file only the rows that are used are read.
        _words = embeddings.word_embeddings.weight!.detach().to(kernels.Device).DetachFromDisposeScope();
        _positions = embeddings.position_embeddings.weight!.detach().to(kernels.Device, copy: true).DetachFromDisposeScope();
        _types = embeddings.token_type_embeddings.weight!.detach().to(kernels.Device, copy: true).DetachFromDisposeScope();
        _panels = PanelTextEncoder.TryMake(model, precision, release);
        _states = _panels is null ? kernels.DType : ScalarType.Float32;
        foreach (var parameter in (Tensor[])[embeddings.LayerNorm.weight!, embeddings.LayerNorm.bias!])
            _embeddingNorm.Add(parameter.detach().to(_states, kernels.Device, copy: true).DetachFromDisposeScope());
        if (_panels is not null) return;
        kernels.AddNorm(_preNorm, text.pre_LN);
        kernels.AddProduct(_transformation, text.transformation.weight!, text.transformation.bias!, quantized: false);
        kernels.AddProduct(_projection, model.text_projection.weight!, null, quantized: false);
        _layers = EncoderWeights.Of(text.roberta.encoder, _config, kernels, release);
    }

    /// <summary>Embeddings [texts, projection_dim] of texts already checked.</summary>
    public Tensor Encode(TextInputs texts)
    {
        using var scope = NewDisposeScope();
        var embedded = new TextRows(
            texts.InputIds!.to(_kernels.Device),
            (texts.PositionIds ?? AltRobertaEmbeddings.PositionsFromIds(texts.InputIds!, _config.PadTokenId)).to(_kernels.Device),
            texts.TokenTypeIds?.to(_kernels.Device));
        var pooled = TextLayout.TryMake(texts, _config) is { } layout ? Unpadded(embedded, layout) : Masked(embedded, texts.AttentionMask);
        if (_panels is not null) return scope.MoveToOuter(pooled);
        var normed = nn.functional.layer_norm(pooled, [_config.HiddenSize], _preNorm[0], _preNorm[1], _config.LayerNormEps);
        var transformed = _kernels.Linear(normed, _transformation);
        return scope.MoveToOuter(_kernels.Linear(transformed, _projection).to(float32));
    }

    public void Dispose()
    {
        _panels?.Dispose();
        _layers?.Dispose();
        foreach (var tensor in (Tensor[])[.. _embeddingNorm, .. _preNorm, .. _transformation, .. _projection, _words, _positions, _types])
            tensor.Dispose();
    }

    /// <summary>The usual case: only the tokens to attend to, sorted by the length of their text.</summary>
    private Tensor Unpadded(TextRows texts, TextLayout layout)
    {
        using var scope = NewDisposeScope();
        var pooled = new List<Tensor>();
        foreach (var block in layout.Blocks)
        {
            using var inner = NewDisposeScope();
            var tokens = tensor(block.Tokens, device: _kernels.Device);
            pooled.Add(inner.MoveToOuter(Layers(Embedded(texts, tokens), block.Groups, null)));
        }
        return scope.MoveToOuter(cat(pooled)[tensor(layout.Places, device: _kernels.Device)]);
    }

    /// <summary>Masks that are more than padding after the text: every token is computed, and the mask added to the scores.</summary>
    private Tensor Masked(TextRows texts, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        mask ??= ones_like(texts.Ids);
        if (_config.IsDecoder && mask.dim() == 2) mask = AdditiveMask.Causal(mask);
        var additive = AdditiveMask.From(mask.to(_kernels.Device), _panels is null ? _kernels.ScoreDType : _states);
        var (batch, sequence) = (texts.Ids.shape[0], texts.Ids.shape[1]);
        return scope.MoveToOuter(Layers(Embedded(texts, arange(batch * sequence, device: _kernels.Device)), [batch, sequence], additive));
    }

    /// <summary>The class tokens' states, or of panels the embeddings.</summary>
    private Tensor Layers(Tensor rows, long[] groups, Tensor? mask) =>
        _panels is null ? _kernels.Encode(rows, groups, mask, _layers!) : _panels.Encode(rows, groups, mask);

    private Tensor Embedded(TextRows texts, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var sum = _words[texts.Ids.flatten().index_select(0, tokens)].to(_states);
        sum.add_(texts.Types is null ? _types[0] : _types[texts.Types.flatten().index_select(0, tokens)]);
        if (_config.PositionEmbeddingType == "absolute") sum.add_(_positions[texts.Positions.expand_as(texts.Ids).flatten().index_select(0, tokens)]);
        return scope.MoveToOuter(nn.functional.layer_norm(sum, [_config.HiddenSize], _embeddingNorm[0], _embeddingNorm[1], _config.LayerNormEps));
    }

    /// <summary>Ids, positions and token types: [texts, sequence] each.</summary>
    private sealed record TextRows(Tensor Ids, Tensor Positions, Tensor? Types);
}
