using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>
/// The end of both parts of a post-norm layer: a linear map, the residual, the layer norm. transformers names it <c>AltRobertaSelfOutput</c>
/// after attention and <c>AltRobertaOutput</c> after the feed-forward part; the two differ only in the width that comes in.
/// </summary>
internal sealed class AltRobertaOutput : AltCLIPModule
{
    internal readonly Linear dense;
    internal readonly LayerNorm LayerNorm;
    internal readonly Dropout dropout;

    public AltRobertaOutput(AltCLIPTextConfig config, int inputWidth) : base(nameof(AltRobertaOutput))
    {
        dense = Skeleton.Linear(inputWidth, config.HiddenSize);
        LayerNorm = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropoutProb);
        RegisterComponents();
    }

    public Tensor forward(Tensor hidden_states, Tensor residual)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(LayerNorm.Normalize(dropout.forward(dense.Project(hidden_states)).Plus(residual)));
    }
}
