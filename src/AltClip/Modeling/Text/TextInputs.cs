using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>The arguments of the text encoder, checked as a whole before any work.</summary>
internal sealed record TextInputs(
    Tensor? InputIds = null,
    Tensor? AttentionMask = null,
    Tensor? TokenTypeIds = null,
    Tensor? PositionIds = null,
    Tensor? HeadMask = null,
    Tensor? InputsEmbeds = null,
    Tensor? EncoderHiddenStates = null,
    Tensor? EncoderAttentionMask = null)
{
    /// <summary>The arguments that a whole model hands on, checked.</summary>
    /// <exception cref="ArgumentException">An argument is missing, or has a wrong type, shape or value.</exception>
    public static TextInputs Checked(
        AltCLIPTextConfig config, Tensor input_ids, Tensor? attention_mask, Tensor? position_ids, Tensor? token_type_ids)
    {
        ArgumentNullException.ThrowIfNull(input_ids);
        var inputs = new TextInputs(input_ids, attention_mask, token_type_ids, position_ids);
        inputs.Validate(config);
        return inputs;
    }

    /// <summary>Refuses by name what the encoder can't take.</summary>
    /// <exception cref="ArgumentException">An argument is missing, or has a wrong type, shape or value.</exception>
    public void Validate(AltCLIPTextConfig config)
    {
        using var scope = NewDisposeScope();
        if (InputIds is null == InputsEmbeds is null)
        {
            throw new ArgumentException(
                $"{(InputIds is null ? "Neither" : "Both")} of input_ids and inputs_embeds given; expected exactly one.", "input_ids");
        }
        if (InputIds is not null)
        {
            Check.Rank(InputIds, "input_ids", "[batch, sequence]", 2);
            Check.Ids(InputIds, "input_ids", config.VocabSize, "vocab_size");
        }
        else
        {
            Check.Shape(InputsEmbeds!, "inputs_embeds", "[batch, sequence, hidden_size]", null, null, config.HiddenSize);
            Check.FloatingPoint(InputsEmbeds!, "inputs_embeds");
        }
        var (batch, sequence) = ((InputIds ?? InputsEmbeds!).shape[0], (InputIds ?? InputsEmbeds!).shape[1]);
        ValidateMask(batch, sequence);
        if (TokenTypeIds is not null)
        {
            Check.Shape(TokenTypeIds, "token_type_ids", "[batch, sequence] or [1, sequence]", TokenTypeIds.shape[0] == 1 ? 1 : batch, sequence);
            Check.Ids(TokenTypeIds, "token_type_ids", config.TypeVocabSize, "type_vocab_size");
        }
        ValidatePositions(config, batch, sequence);
        if (HeadMask is not null)
        {
            if (HeadMask.dim() == 1) Check.Shape(HeadMask, "head_mask", "[heads] or [layers, heads]", config.NumAttentionHeads);
            else Check.Shape(HeadMask, "head_mask", "[heads] or [layers, heads]", config.NumHiddenLayers, config.NumAttentionHeads);
        }
        ValidateEncoder(config, batch, sequence);
    }

    private void ValidateMask(long batch, long sequence)
    {
        if (AttentionMask is null) return;
        const string layout = "[batch, sequence] or [batch, sequence, sequence]";
        if (AttentionMask.dim() == 2) Check.Shape(AttentionMask, "attention_mask", layout, batch, sequence);
        else Check.Shape(AttentionMask, "attention_mask", layout, batch, sequence, sequence);
    }

    private void ValidatePositions(AltCLIPTextConfig config, long batch, long sequence)
    {
        if (PositionIds is not null)
        {
            Check.Shape(PositionIds, "position_ids", "[batch, sequence] or [1, sequence]", PositionIds.shape[0] == 1 ? 1 : batch, sequence);
            Check.Ids(PositionIds, "position_ids", config.MaxPositionEmbeddings, "max_position_embeddings");
        }
        using Scalar padding = config.PadTokenId;
        // Padding takes no position, so a padded batch may be longer than its texts.
        var tokens = InputIds is not null && PositionIds is null && config.PositionEmbeddingType == "absolute"
            ? InputIds.ne(padding).sum(1).max().ToInteger()
            : sequence;
        var most = config.PositionEmbeddingType == "absolute" && PositionIds is null
            ? config.MaxPositionEmbeddings - config.PadTokenId - 1
            : config.MaxPositionEmbeddings;
        if (tokens > most)
        {
            throw new ArgumentException(
                $"A text has {tokens} tokens; expected at most {most} (max_position_embeddings is {config.MaxPositionEmbeddings}).",
                InputIds is not null ? "input_ids" : "inputs_embeds");
        }
    }

    private void ValidateEncoder(AltCLIPTextConfig config, long batch, long sequence)
    {
        if (EncoderHiddenStates is null)
        {
            if (EncoderAttentionMask is not null)
                throw new ArgumentException("Given without encoder_hidden_states.", "encoder_attention_mask");
            return;
        }
        if (!config.AddCrossAttention)
            throw new ArgumentException("The model has no cross-attention (add_cross_attention is false).", "encoder_hidden_states");
        Check.Shape(EncoderHiddenStates, "encoder_hidden_states", "[batch, sequence, hidden_size]", batch, null, config.HiddenSize);
        Check.FloatingPoint(EncoderHiddenStates, "encoder_hidden_states");
        if (EncoderAttentionMask is null) return;
        var encoderSequence = EncoderHiddenStates.shape[1];
        const string layout = "[batch, encoder sequence] or [batch, sequence, encoder sequence]";
        if (EncoderAttentionMask.dim() == 2) Check.Shape(EncoderAttentionMask, "encoder_attention_mask", layout, batch, encoderSequence);
        else Check.Shape(EncoderAttentionMask, "encoder_attention_mask", layout, batch, sequence, encoderSequence);
    }
}
