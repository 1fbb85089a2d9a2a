using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>XLM-RoBERTa without its pooler (Conneau et al., arXiv 1911.02116).</summary>
internal sealed class AltRobertaModel : AltCLIPModule
{
    internal readonly AltRobertaEmbeddings embeddings;
    internal readonly AltRobertaEncoder encoder;

    private readonly AltCLIPTextConfig _config;

    public AltRobertaModel(AltCLIPTextConfig config) : base(nameof(AltRobertaModel))
    {
        _config = config;
        embeddings = new AltRobertaEmbeddings(config);
        encoder = new AltRobertaEncoder(config);
        RegisterComponents();
    }

    /// <summary>The states after the last layer: [batch, sequence, hidden_size].</summary>
    public Tensor forward(TextInputs inputs, EncoderStates states)
    {
        using var scope = NewDisposeScope();
        var embedded = embeddings.forward(inputs.InputIds, inputs.TokenTypeIds, inputs.PositionIds, inputs.InputsEmbeds);
        var (batch, sequence) = (embedded.shape[0], embedded.shape[1]);
        var mask = inputs.AttentionMask ?? ones([batch, sequence], int64, embedded.device);
        var attention = new TextAttentionInputs(
            AdditiveMask.From(_config.IsDecoder && mask.dim() == 2 ? AdditiveMask.Causal(mask) : mask, embedded.dtype),
            inputs.EncoderHiddenStates?.to(embedded.dtype),
            inputs.EncoderHiddenStates is null ? null : EncoderMask(inputs, embedded.dtype),
            states.WantsAttentions);
        var result = encoder.forward(embedded, attention, HeadMasks(inputs.HeadMask, embedded.dtype), states);
        scope.MoveToOuter(states.Tensors);
        return scope.MoveToOuter(result);
    }

    private static Tensor EncoderMask(TextInputs inputs, ScalarType dtype)
    {
        var states = inputs.EncoderHiddenStates!;
        return AdditiveMask.From(inputs.EncoderAttentionMask ?? ones([states.shape[0], states.shape[1]], int64, states.device), dtype);
    }

    /// <summary>A mask [heads] is for all layers, a mask [layers, heads] has a row for each.</summary>
    private Tensor[]? HeadMasks(Tensor? head_mask, ScalarType dtype)
    {
        if (head_mask is null) return null;
        var rows = head_mask.to(dtype).expand(_config.NumHiddenLayers, _config.NumAttentionHeads);
        return [.. Enumerable.Range(0, _config.NumHiddenLayers).Select(i => rows[i].view(1, -1, 1, 1))];
    }
}
