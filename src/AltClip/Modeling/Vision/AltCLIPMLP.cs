using AltClip.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>The feed-forward part of a layer of CLIP's encoders.</summary>
internal sealed class AltCLIPMLP : AltCLIPModule
{
    internal readonly Linear fc1;
    internal readonly Linear fc2;

    private readonly Func<Tensor, Tensor> _activation;

    public AltCLIPMLP(CLIPEncoderConfig config) : base(nameof(AltCLIPMLP))
    {
        fc1 = Skeleton.Linear(config.HiddenSize, config.IntermediateSize);
        fc2 = Skeleton.Linear(config.IntermediateSize, config.HiddenSize);
        _activation = Activation.Get(config.HiddenAct);
        RegisterComponents();
    }

    public Tensor forward(Tensor hidden_states)
    {
        using var activated = Widen(hidden_states);
        return fc2.Project(activated);
    }

    private Tensor Widen(Tensor hidden_states)
    {
        using var widened = fc1.Project(hidden_states);
        return _activation(widened);
    }
}
