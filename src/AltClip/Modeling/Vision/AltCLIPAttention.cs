using AltClip.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>Multi-head self-attention of CLIP's encoders.</summary>
internal sealed class AltCLIPAttention : AltCLIPModule
{
    internal readonly Linear k_proj;
    internal readonly Linear v_proj;
    internal readonly Linear q_proj;
    internal readonly Linear out_proj;

    private readonly CLIPEncoderConfig _config;

    public AltCLIPAttention(CLIPEncoderConfig config) : base(nameof(AltCLIPAttention))
    {
        _config = config;
        k_proj = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        v_proj = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        q_proj = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        out_proj = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    public (Tensor States, Tensor? Weights) forward(Tensor hidden_states, Tensor? mask, bool output_attentions)
    {
        using var scope = NewDisposeScope();
        var queries = Attention.SplitHeads(q_proj.Project(hidden_states), _config.NumAttentionHeads);
        var keys = Attention.SplitHeads(k_proj.ProjectKeys(hidden_states), _config.NumAttentionHeads);
        var values = Attention.SplitHeads(v_proj.Project(hidden_states), _config.NumAttentionHeads);
        var dropout = training ? _config.AttentionDropout : 0;
        if (!output_attentions)
            return (scope.MoveToOuter(out_proj.Project(Attention.Context(queries, keys, values, mask, dropout, training))), null);
        var (context, weights) = Attention.Stepwise(queries, keys, values, mask, dropout);
        return scope.MoveToOuter(out_proj.Project(context), weights);
    }
}
