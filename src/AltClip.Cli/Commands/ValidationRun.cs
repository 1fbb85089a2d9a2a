using AltClip.Imaging;
using AltClip.Shared;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>Measures a model that trains, on what it doesn't train on.</summary>
/// <param name="context">The model, and what prepares for it.</param>
/// <param name="request">What to measure.</param>
/// <param name="pairsLoss">The loss of embedded pictures and texts, where captions are measured.</param>
/// <param name="textsLoss">The loss of translations and the pairs that they are of, where a teacher is learned from.</param>
internal sealed class ValidationRun(
    TrainingContext context, ValidationRequest request, Func<Tensor, Tensor, Tensor>? pairsLoss = null,
    Func<AltCLIPInputs, IReadOnlyList<ParallelText>, Tensor>? textsLoss = null)
{
    public const string Loss = "loss";
    public const string Recall = "recall";
    public const string Top1 = "top1";

    private readonly AltCLIPModel _model = context.Model;
    private readonly int _batchSize = context.Settings.BatchSize;
    private readonly AltCLIPProcessorOptions _processing =
        context.Processing with { Images = context.Processing.Images with { OnError = ImageErrorHandling.Throw } };

    /// <summary>Measures.</summary>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The numbers by name, and the one that says how good the weights are: the lower, the better.</returns>
    public (IReadOnlyDictionary<string, double> Metrics, double Value) Measure(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var metrics = new Dictionary<string, double>();
        if (request.Captions is { } captions)
        {
            // The first caption of each, so that two measurements are of the same.
            string[] texts = [.. captions.Select(example => example.Captions[0])];
            var (images, embeds) = (Images([.. captions.Select(example => example.Image)], cancellationToken), Texts(texts, cancellationToken));
            metrics[Loss] = MeanLoss(images, embeds);
            var report = RetrievalEvaluation.Score(images, embeds, [.. Enumerable.Range(0, texts.Length)], cancellationToken);
            (metrics["text_recall@1"], metrics["image_recall@1"]) = (report.TextRetrieval.R1, report.ImageRetrieval.R1);
            metrics[Recall] = report.MeanRecall;
        }
        if (request.Texts is { } pairs) metrics[Loss] = MeanLoss(pairs, cancellationToken);
        if (request.Classes is { } classes)
        {
            var images = Images([.. classes.Select(example => example.Image)], cancellationToken);
            var report = ZeroShotEvaluation.Score(images, Texts([.. classes.Classes], cancellationToken), [.. classes.Select(example => example.Label)], classes.Classes);
            (metrics[Top1], metrics["top5"]) = (report.Top1, report.Top5);
        }
        return (metrics, request.BestBy == Loss ? metrics[Loss] : -metrics[request.BestBy]);
    }

    /// <summary>The mean over batches of as many pairs as in training; what is left over is a smaller one, unless it is a single pair.</summary>
    private double MeanLoss(Tensor images, Tensor texts)
    {
        var (sum, pairs) = (0.0, 0L);
        for (var start = 0L; start < images.shape[0]; start += _batchSize)
        {
            var end = Math.Min(start + _batchSize, images.shape[0]);
            if (end - start < 2 && start > 0) break;
            using var scope = NewDisposeScope();
            sum += pairsLoss!(images.slice(0, start, end, 1), texts.slice(0, start, end, 1)).ToNumber() * (end - start);
            pairs += end - start;
        }
        return sum / pairs;
    }

    private double MeanLoss(IReadOnlyList<ParallelText> pairs, CancellationToken cancellationToken)
    {
        var sum = 0.0;
        foreach (var part in pairs.Chunk(_batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inputs = context.Processor.Process(text: [.. part.Select(pair => pair.Target)], options: _processing, cancellationToken: cancellationToken);
            using var loss = textsLoss!(inputs, part);
            sum += loss.ToNumber() * part.Length;
        }
        return sum / pairs.Count;
    }

    private Tensor Images(IReadOnlyList<ImageSource> images, CancellationToken cancellationToken) => Embedded(images, part =>
    {
        using var inputs = context.Processor.Process(images: part, options: _processing, cancellationToken: cancellationToken);
        return _model.get_image_features(inputs.PixelValues!);
    }, cancellationToken);

    private Tensor Texts(IReadOnlyList<string> texts, CancellationToken cancellationToken) => Embedded(texts, part =>
    {
        using var inputs = context.Processor.Process(text: part, options: _processing, cancellationToken: cancellationToken);
        return _model.get_text_features(inputs.InputIds!, inputs.AttentionMask);
    }, cancellationToken);

    private Tensor Embedded<T>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, Tensor> embed, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        foreach (var part in all.Chunk(_batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            parts.Add(inner.MoveToOuter(embed(part).ToUnitLength()));
        }
        return scope.MoveToOuter(cat(parts));
    }
}
