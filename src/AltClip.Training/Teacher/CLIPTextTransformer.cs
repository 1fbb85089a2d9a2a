using AltClip.Modeling;
using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Teacher;

/// <summary>CLIP's text transformer: causal, with the layers of the image encoder.</summary>
internal sealed class CLIPTextTransformer : AltCLIPModule
{
    internal readonly CLIPTextEmbeddings embeddings;
    internal readonly AltCLIPEncoder encoder;
    internal readonly LayerNorm final_layer_norm;

    private readonly CLIPTextConfig _config;

    public CLIPTextTransformer(CLIPTextConfig config) : base(nameof(CLIPTextTransformer))
    {
        _config = config;
        embeddings = new CLIPTextEmbeddings(config);
        encoder = new AltCLIPEncoder(config);
        final_layer_norm = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    /// <summary>Refuses by name what the encoder can't take.</summary>
    public void Validate(Tensor input_ids, Tensor? attention_mask, Tensor? position_ids)
    {
        ArgumentNullException.ThrowIfNull(input_ids);
        Check.Rank(input_ids, nameof(input_ids), "[batch, sequence]", 2);
        Check.Ids(input_ids, nameof(input_ids), _config.VocabSize, "vocab_size");
        var (batch, sequence) = (input_ids.shape[0], input_ids.shape[1]);
        if (sequence > _config.MaxPositionEmbeddings)
        {
            throw new ArgumentException(
                $"The texts have {sequence} tokens; expected at most {_config.MaxPositionEmbeddings} (max_position_embeddings).", nameof(input_ids));
        }
        if (attention_mask is not null) Check.Shape(attention_mask, nameof(attention_mask), "[batch, sequence]", batch, sequence);
        if (position_ids is null) return;
        Check.Shape(position_ids, nameof(position_ids), "[batch, sequence] or [1, sequence]", position_ids.shape[0] == 1 ? 1 : batch, sequence);
        Check.Ids(position_ids, nameof(position_ids), _config.MaxPositionEmbeddings, "max_position_embeddings");
    }

    /// <summary>The normalised states of tokens already checked: [batch, sequence, hidden_size].</summary>
    public Tensor forward(Tensor input_ids, Tensor? attention_mask, Tensor? position_ids, EncoderStates states)
    {
        using var scope = NewDisposeScope();
        var embedded = embeddings.forward(input_ids, position_ids);
        var encoded = encoder.forward(embedded, Mask(input_ids, attention_mask, embedded.dtype), states);
        var last = final_layer_norm.Normalize(encoded).to(final_layer_norm.weight.dtype);
        scope.MoveToOuter(states.Tensors);
        return scope.MoveToOuter(last);
    }

    /// <summary>The states of the end tokens: [batch, hidden_size].</summary>
    public Tensor Pooled(Tensor states, Tensor input_ids)
    {
        using var scope = NewDisposeScope();
        using Scalar end = _config.EosTokenId;
        var ends = _config.EosTokenId == CLIPTextConfig.LegacyEosTokenId
            ? input_ids.argmax(-1)
            : input_ids.eq(end).to(ScalarType.Int32).argmax(-1);
        var rows = TensorNumbers.Arange(input_ids.shape[0], states.device);
        return scope.MoveToOuter(states[TensorIndex.Tensor(rows), TensorIndex.Tensor(ends)]);
    }

    /// <summary>As in transformers the sum of two masks, so that a padded token sees what it sees there.</summary>
    private static Tensor Mask(Tensor input_ids, Tensor? attention_mask, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var causal = AdditiveMask.From(AdditiveMask.Causal(ones(1, input_ids.shape[1], dtype: dtype, device: input_ids.device)), dtype);
        return scope.MoveToOuter(attention_mask is null ? causal : causal.Plus(AdditiveMask.From(attention_mask, dtype)));
    }
}
