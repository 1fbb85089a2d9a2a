using AltClip.Modeling;
using AltClip.Shared;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>
/// SigLIP's loss (Zhai et al., arXiv 2303.15343), as open_clip computes it: each picture with each text of the batch is a question of its own,
/// whether they belong together. The sum over all pairs is divided by the pictures, not by the pairs. It has a parameter,
/// <see cref="logit_bias"/>, which <see cref="TrainingLoss.TrainedWith"/> trains with the model.
/// </summary>
public sealed class SigmoidLoss : TrainingLoss
{
    /// <summary>Its name in <see cref="TrainingLosses"/>.</summary>
    public const string Name = "siglip";

    /// <summary>Where the bias begins: so low that nearly all pairs, which don't belong together, are right from the start.</summary>
    public const double InitialBias = -10;

    [ComponentName(Name = nameof(logit_bias))]
    private Parameter _logitBias;

    /// <summary>Makes the loss with its bias on the CPU, float32.</summary>
    public SigmoidLoss() : base(Name)
    {
        _logitBias = Skeleton.Parameter(tensor((float)InitialBias));
        RegisterComponents();
    }

    /// <summary>What is added to each scaled similarity, a scalar.</summary>
    public Parameter logit_bias
    {
        get => _logitBias;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _logitBias = value;
            ConditionallyRegisterParameter(nameof(logit_bias), value);
        }
    }

    /// <summary>ln 10, where SigLIP begins.</summary>
    public override double? InitialLogitScale => Math.Log(10);

    /// <inheritdoc/>
    public override bool HasLocalForm => true;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale) =>
        ComputeLocal(imageEmbeds, textEmbeds, logitScale, 0, imageEmbeds.shape[0]);

    /// <inheritdoc/>
    protected override Tensor ComputeLocal(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale, long first, long count)
    {
        var logits = Similarity.Logits(imageEmbeds.slice(0, first, first + count, 1), textEmbeds, logitScale).Plus(logit_bias);
        // 1 where picture and text belong together, -1 elsewhere.
        var signs = eye(imageEmbeds.shape[0], dtype: logits.dtype, device: logits.device).slice(0, first, first + count, 1).Times(2).Minus(1);
        return (-nn.functional.logsigmoid(signs * logits).sum()).Over(count);
    }
}
