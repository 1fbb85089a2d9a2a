using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>The widening half of a text layer's feed-forward part.</summary>
internal sealed class AltRobertaIntermediate : AltCLIPModule
{
    internal readonly Linear dense;

    private readonly Func<Tensor, Tensor> _activation;

    public AltRobertaIntermediate(AltCLIPTextConfig config) : base(nameof(AltRobertaIntermediate))
    {
        dense = Skeleton.Linear(config.HiddenSize, config.IntermediateSize);
        _activation = Activation.Get(config.HiddenAct);
        RegisterComponents();
    }

    public Tensor forward(Tensor hidden_states)
    {
        using var widened = dense.Project(hidden_states);
        return _activation(widened);
    }
}
