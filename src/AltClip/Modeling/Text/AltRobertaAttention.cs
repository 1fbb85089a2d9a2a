using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>The attention part of a text layer with its residual and layer norm.</summary>
internal sealed class AltRobertaAttention : AltCLIPModule
{
    internal readonly AltRobertaSelfAttention self;
    internal readonly AltRobertaOutput output;

    public AltRobertaAttention(AltCLIPTextConfig config, string positionEmbeddingType) : base(nameof(AltRobertaAttention))
    {
        self = new AltRobertaSelfAttention(config, positionEmbeddingType);
        output = new AltRobertaOutput(config, config.HiddenSize);
        RegisterComponents();
    }

    public (Tensor States, Tensor? Weights) forward(
        Tensor hidden_states, Tensor? attention_mask, Tensor? head_mask, Tensor? encoder_hidden_states, bool output_attentions)
    {
        var (context, weights) = self.forward(hidden_states, attention_mask, head_mask, encoder_hidden_states, output_attentions);
        using (context) return (output.forward(context, hidden_states), weights);
    }
}
