using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>What every layer of the text encoder attends with, prepared once a call.</summary>
/// <param name="Mask">Added to the scores of self-attention: broadcasts to [batch, heads, sequence, sequence].</param>
/// <param name="EncoderHiddenStates">The other encoder's states for cross-attention: [batch, encoder sequence, hidden_size].</param>
/// <param name="EncoderMask">Added to the scores of cross-attention.</param>
/// <param name="OutputAttentions">Whether the weights of self-attention are returned.</param>
internal sealed record TextAttentionInputs(Tensor Mask, Tensor? EncoderHiddenStates, Tensor? EncoderMask, bool OutputAttentions);

/// <summary>One post-norm layer of the text encoder: attention, cross-attention where the configuration has it, feed-forward.</summary>
internal sealed class AltRobertaLayer : AltCLIPModule
{
    internal readonly AltRobertaAttention attention;
    internal readonly AltRobertaAttention? crossattention;
    internal readonly AltRobertaIntermediate intermediate;
    internal readonly AltRobertaOutput output;

    public AltRobertaLayer(AltCLIPTextConfig config) : base(nameof(AltRobertaLayer))
    {
        attention = new AltRobertaAttention(config, config.PositionEmbeddingType);
        // Distances between a text and another encoder's states mean nothing.
        if (config.AddCrossAttention) crossattention = new AltRobertaAttention(config, "absolute");
        intermediate = new AltRobertaIntermediate(config);
        output = new AltRobertaOutput(config, config.IntermediateSize);
        RegisterComponents();
    }

    public (Tensor States, Tensor? Weights) forward(Tensor hidden_states, Tensor? head_mask, TextAttentionInputs inputs)
    {
        using var scope = NewDisposeScope();
        var (states, weights) = attention.forward(hidden_states, inputs.Mask, head_mask, null, inputs.OutputAttentions);
        if (inputs.EncoderHiddenStates is not null)
            (states, _) = crossattention!.forward(states, inputs.EncoderMask, head_mask, inputs.EncoderHiddenStates, output_attentions: false);
        var result = scope.MoveToOuter(output.forward(intermediate.forward(states), states));
        return (result, weights is null ? null : scope.MoveToOuter(weights));
    }
}
