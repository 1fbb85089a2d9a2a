using AltClip.Modeling;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>
/// CLIP's loss (arXiv 2103.00020), that of the paper's second stage: each text must find its picture among all of the batch, and each
/// picture its text. It gives the numbers of <c>model.forward(…, return_loss: true).Loss</c>.
/// </summary>
public sealed class ContrastiveLoss : TrainingLoss
{
    /// <summary>Its name in <see cref="TrainingLosses"/>.</summary>
    public const string Name = "contrastive";

    /// <summary>Makes the loss, which has no parameters.</summary>
    public ContrastiveLoss() : base(Name)
    {
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale) =>
        Modeling.Losses.Contrastive(Similarity.Logits(textEmbeds, imageEmbeds, logitScale));

    /// <inheritdoc/>
    public override bool HasLocalForm => true;

    /// <inheritdoc/>
    protected override Tensor ComputeLocal(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale, long first, long count)
    {
        var own = TensorNumbers.Arange(first, first + count, imageEmbeds.device);
        // A row each of the process's own pictures, or texts, against all of the others.
        var texts = Similarity.Logits(textEmbeds.slice(0, first, first + count, 1), imageEmbeds, logitScale);
        var pictures = Similarity.Logits(imageEmbeds.slice(0, first, first + count, 1), textEmbeds, logitScale);
        return nn.functional.cross_entropy(texts, own).Plus(nn.functional.cross_entropy(pictures, own)).Over(2);
    }
}
