using AltClip.Training.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>SigLIP's loss as the reference has it, with a local form: a loss of someone else's with a parameter.</summary>
internal sealed class PairwiseSigmoidLoss : TrainingLoss
{
    public readonly Parameter logit_bias = new(tensor(-10f));

    public PairwiseSigmoidLoss() : base("siglip") => RegisterComponents();

    public override bool HasLocalForm => true;

    protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale) =>
        ComputeLocal(imageEmbeds, textEmbeds, logitScale, 0, imageEmbeds.shape[0]);

    protected override Tensor ComputeLocal(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale, long first, long count)
    {
        var logits = imageEmbeds.slice(0, first, first + count, 1).matmul(textEmbeds.t()) * logitScale.exp() + logit_bias;
        var signs = 2 * eye(imageEmbeds.shape[0], dtype: logits.dtype).slice(0, first, first + count, 1) - 1;
        return -nn.functional.logsigmoid(signs * logits).sum() / count;
    }
}
