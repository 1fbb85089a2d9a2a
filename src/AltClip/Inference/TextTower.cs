using AltClip.Checkpoints;
using AltClip.Inference.Calibration;
using AltClip.Inference.Kernels;
using AltClip.Modeling.Text;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The packed text encoder with its embeddings.</summary>
internal sealed class TextTower : IDisposable
{
    private readonly IEncoder _encoder;
    private readonly Device _device;
    private readonly AltCLIPTextConfig _config;
    private readonly Tensor? _words;
    private readonly TensorRows? _wordRows;
    private readonly Tensor _positions;
    private readonly Tensor _types;

    /// <summary>Packs a model's text encoder, whose layers are disposed then if <paramref name="release"/> is set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="choice">What packs it.</param>
    /// <param name="release">Whether the model is used up.</param>
    /// <param name="words">The word embedding where it stays in a file, which then belongs to this; null for the model's.</param>
    /// <param name="calibration">How int8 products take their inputs; null for nothing.</param>
    public TextTower(
        AltCLIPModel model, EncoderCandidate choice, bool release, TensorRows? words = null, EncoderCalibration? calibration = null)
    {
        Kernel = choice.Kernel.Name;
        _device = model.logit_scale.device;
        _config = model.Config.TextConfig;
        using var scope = NewDisposeScope();
        var embeddings = model.text_model.roberta.embeddings;
        _wordRows = words;
        // A look-up, not a product: the table stays what it is, and the model's own is shared.
        _words = words is null ? embeddings.word_embeddings.weight!.detach().to(_device).DetachFromDisposeScope() : null;
        _positions = embeddings.position_embeddings.weight!.detach().to(_device, copy: true).DetachFromDisposeScope();
        _types = embeddings.token_type_embeddings.weight!.detach().to(_device, copy: true).DetachFromDisposeScope();
        _encoder = choice.Kernel.Pack(EncoderSpec.Text(model) with { Calibration = calibration }, choice.Precision, _device, release);
    }

    /// <summary>The name of what runs it.</summary>
    public string Kernel { get; }

    /// <summary>What its products compute in.</summary>
    public InferencePrecision Precision => _encoder.Precision;

    /// <summary>Whether products take their inputs as was measured.</summary>
    public bool IsCalibrated => _encoder.IsCalibrated;

    /// <summary>Embeddings [texts, projection_dim] of texts already checked.</summary>
    public Tensor Encode(TextInputs texts)
    {
        using var scope = NewDisposeScope();
        var embedded = new TextRows(
            texts.InputIds!.to(_device),
            (texts.PositionIds ?? AltRobertaEmbeddings.PositionsFromIds(texts.InputIds!, _config.PadTokenId)).to(_device),
            texts.TokenTypeIds?.to(_device));
        var layout = _encoder.PaddedTokensAtOnce is null ? TextLayout.TryMake(texts, _config) : null;
        var result = layout is null ? Masked(embedded, texts.AttentionMask) : Unpadded(embedded, layout);
        return scope.MoveToOuter(result);
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[_encoder, _words, _wordRows, _positions, _types]) part?.Dispose();
    }

    /// <summary>The usual case: only the tokens to attend to, sorted by the length of their text.</summary>
    private Tensor Unpadded(TextRows texts, TextLayout layout)
    {
        using var scope = NewDisposeScope();
        var blocks = new List<Tensor>();
        foreach (var block in layout.Blocks)
        {
            using var inner = NewDisposeScope();
            var tokens = tensor(block.Tokens, device: _device);
            blocks.Add(inner.MoveToOuter(_encoder.Encode(Embedded(texts, tokens), block.Groups, null)));
        }
        return scope.MoveToOuter(cat(blocks).index_select(0, tensor(layout.Places, device: _device)));
    }

    /// <summary>
    /// For masks that are more than padding after the text, and where padding costs little: every token is computed, and the mask added to the scores.
    /// </summary>
    private Tensor Masked(TextRows texts, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        if (_config.IsDecoder) mask ??= ones_like(texts.Ids);
        if (_config.IsDecoder && mask!.dim() == 2) mask = AdditiveMask.Causal(mask);
        var additive = mask is null ? null : AdditiveMask.From(mask.to(_device), _encoder.MaskDType);
        var (batch, sequence) = (texts.Ids.shape[0], texts.Ids.shape[1]);
        var atOnce = _encoder.PaddedTokensAtOnce is { } most ? Math.Max(1, most / sequence) : batch;
        var blocks = new List<Tensor>();
        for (var start = 0L; start < batch; start += atOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(atOnce, batch - start);
            var rows = Embedded(texts, TensorNumbers.Arange(start * sequence, (start + count) * sequence, _device));
            blocks.Add(inner.MoveToOuter(_encoder.Encode(rows, [count, sequence], additive?.narrow(0, start, count))));
        }
        return scope.MoveToOuter(blocks.Count == 1 ? blocks[0] : cat(blocks));
    }

    // By index_select, as indexing wakes libtorch's threads even for a few rows, and for a while they keep a core from the encoder.
    private Tensor Embedded(TextRows texts, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var ids = texts.Ids.flatten().index_select(0, tokens);
        var words = _wordRows?.Select(ids) ?? _words!.index_select(0, ids);
        var sum = words.to(_encoder.DType);
        sum.Plus_(texts.Types is null ? _types[0] : _types.index_select(0, texts.Types.flatten().index_select(0, tokens)));
        if (_config.PositionEmbeddingType == "absolute") sum.Plus_(_positions.index_select(0, texts.Positions.expand_as(texts.Ids).flatten().index_select(0, tokens)));
        return scope.MoveToOuter(sum);
    }

    /// <summary>Ids, positions and token types: [texts, sequence] each.</summary>
    private sealed record TextRows(Tensor Ids, Tensor Positions, Tensor? Types);
}
