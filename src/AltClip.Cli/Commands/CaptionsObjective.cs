using AltClip.Training.Data;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>Pictures with captions, compared with each other by a <see cref="TrainingLoss"/>.</summary>
internal sealed class CaptionsObjective : TrainingObjective
{
    private readonly TrainingContext _context;
    private readonly TrainingLoss _loss;
    private readonly GatheredLoss? _gathered;
    private readonly BatchLoader<CaptionedImage, ImageTextBatch> _loader;

    /// <param name="context">What it is made for.</param>
    /// <param name="examples">The pictures with their captions.</param>
    /// <param name="localLoss">Whether each of several processes compares its own pairs only with all.</param>
    public CaptionsObjective(TrainingContext context, IReadOnlyList<CaptionedImage> examples, bool localLoss)
    {
        var (model, settings) = (context.Model, context.Settings);
        _context = context;
        _loss = settings.CreateLoss();
        if (settings.Device is { } device) _loss.to(device);
        BeginLogitScale(model, _loss);
        _gathered = context.Group is { } group ? new GatheredLoss(_loss, group, localLoss) : null;
        _loader = BatchLoader.ImageText(
            examples, context.Processor, context.Batches, Augmentations.Create(settings.Augmentation, model.Config.VisionConfig.ImageSize), context.Processing);
    }

    public override long BatchesPerEpoch => _loader.BatchesPerEpoch!.Value;

    public override nn.Module TrainedWith(nn.Module model) => _loss.TrainedWith(model);

    public override Tensor Loss(long batch, CancellationToken cancellationToken)
    {
        var (model, loss) = (_context.Model, _gathered ?? _loss);
        using var examples = _loader.Get(batch, cancellationToken);
        if (_context.Settings.GradientCache is { } chunk)
        {
            return GradientCache.Backward(
                model, loss, examples.Inputs.InputIds!, examples.Inputs.PixelValues!, chunk, examples.Inputs.AttentionMask, cancellationToken: cancellationToken);
        }
        var output = model.forward(examples.Inputs);
        return loss.forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
    }

    public override ValidationRun Validation(ValidationRequest request) =>
        new(_context, request, pairsLoss: (images, texts) => _loss.forward(images, texts, _context.Model.logit_scale));

    public override void Dispose()
    {
        _loader.Dispose();
        _gathered?.Dispose();
        _loss.Dispose();
    }

    /// <summary>Where a loss says so, training begins with another scale than the model's own.</summary>
    private static void BeginLogitScale(AltCLIPModel model, TrainingLoss loss)
    {
        if (loss.InitialLogitScale is not { } start) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar scale = start;
        model.logit_scale.fill_(scale);
    }
}
