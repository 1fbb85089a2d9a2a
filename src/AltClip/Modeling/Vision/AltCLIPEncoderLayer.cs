using AltClip.Configuration;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>One pre-norm layer of CLIP's encoders.</summary>
internal sealed class AltCLIPEncoderLayer : AltCLIPModule
{
    internal readonly AltCLIPAttention self_attn;
    internal readonly LayerNorm layer_norm1;
    internal readonly AltCLIPMLP mlp;
    internal readonly LayerNorm layer_norm2;

    public AltCLIPEncoderLayer(CLIPEncoderConfig config) : base(nameof(AltCLIPEncoderLayer))
    {
        self_attn = new AltCLIPAttention(config);
        layer_norm1 = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        mlp = new AltCLIPMLP(config);
        layer_norm2 = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    public (Tensor States, Tensor? Weights) forward(Tensor hidden_states, Tensor? mask, bool output_attentions)
    {
        var (states, weights) = Attend(hidden_states, mask, output_attentions);
        using (states) return (FeedForward(states), weights);
    }

    private (Tensor States, Tensor? Weights) Attend(Tensor hidden_states, Tensor? mask, bool output_attentions)
    {
        using var scope = NewDisposeScope();
        var (attended, weights) = self_attn.forward(layer_norm1.Normalize(hidden_states), mask, output_attentions);
        return (scope.MoveToOuter(hidden_states.Plus(attended)), weights is null ? null : scope.MoveToOuter(weights));
    }

    private Tensor FeedForward(Tensor states)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(states.Plus(mlp.forward(layer_norm2.Normalize(states))));
    }
}
