using AltClip.Training.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>A loss that is only the tests': similarities, plus a bias that learns, against the identity.</summary>
internal sealed class BiasedLoss : TrainingLoss
{
    public const string Name = "biased";

    public readonly Parameter bias = new(tensor(-1f));

    public BiasedLoss() : base(Name) => RegisterComponents();

    /// <summary>The library's losses with this one.</summary>
    public static TrainingLosses Registered { get; } = TrainingLosses.All.With(Name, () => new BiasedLoss());

    protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale)
    {
        var logits = textEmbeds.matmul(imageEmbeds.t()) * logitScale.exp() + bias;
        return (logits - eye(logits.shape[0])).square().mean();
    }
}
