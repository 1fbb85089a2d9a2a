using AltClip.Imaging;
using AltClip.Pipeline;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>
/// Zero-shot classification as CLIP introduced it (arXiv 2103.00020, section 3.1) and the AltCLIP paper reports it: a picture is of the
/// class whose
/// sentences, embedded and averaged, are nearest.
/// </summary>
/// <remarks>Of classes that are equally near, the one that comes first in the list counts as nearer.</remarks>
public static class ZeroShotEvaluation
{
    private const int Block = 256;

    /// <summary>Classifies pictures and counts how often that is right.</summary>
    /// <param name="pipeline">
    /// Model and processor. With <see cref="ImageErrorHandling.Skip"/> in its options, unreadable pictures don't count.
    /// </param>
    /// <param name="images">The pictures, read a few at a time.</param>
    /// <param name="prompts">The classes and what they are called. Where they are a part of the labels' (<see cref="ZeroShotPrompts.Labels"/>), pictures of others don't count.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">There are no pictures, or a label is not one of the classes'.</exception>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<ZeroShotReport> RunAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<LabelledImage> images, ZeroShotPrompts prompts, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(prompts);
        if (prompts.Labels is { } part) images = LabelledImages.Part(images, part);
        LabelledEmbeddings.CheckLabels([.. images.Select(image => image.Label)], prompts.Classes.Count, nameof(images));
        using var classes = await Task.Run(() => PromptEnsemble.Embed(pipeline, prompts.Sentences, cancellationToken), cancellationToken).ConfigureAwait(false);
        var (counts, skipped) = (new ClassCounts(prompts.Classes.Count), new List<SkippedImage>());
        var (rows, labels) = (new List<ReadOnlyMemory<float>>(), new List<int>());
        var readable = ReadableImages.EncodeAsync(pipeline, images.Select(image => image.Image), skipped, progress, cancellationToken);
        await foreach (var image in readable.ConfigureAwait(false))
        {
            rows.Add(image.Embedding);
            labels.Add(images[image.Index].Label);
            if (rows.Count == Block) Count(rows, labels, classes, counts);
        }
        if (rows.Count > 0) Count(rows, labels, classes, counts);
        return new ZeroShotReport(counts.ByName(prompts.Classes), skipped);
    }

    /// <summary>Counts how often embeddings are nearest to that of their class, for a model of one's own or one in training.</summary>
    /// <param name="imageEmbeds">Embeddings of length one: floating point [pictures, width].</param>
    /// <param name="classEmbeds">Embeddings of length one: floating point [classes, width].</param>
    /// <param name="labels">The class of each picture.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <exception cref="ArgumentException">
    /// Shapes and counts don't fit, there are no pictures, or a label is not one of the classes'.
    /// </exception>
    public static ZeroShotReport Score(Tensor imageEmbeds, Tensor classEmbeds, IReadOnlyList<int> labels, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(imageEmbeds);
        ArgumentNullException.ThrowIfNull(classEmbeds);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        Check.Shape(classEmbeds, nameof(classEmbeds), "[classes, width]", classNames.Count, null);
        Check.Shape(imageEmbeds, nameof(imageEmbeds), "[pictures, width]", labels.Count, classEmbeds.shape[1]);
        LabelledEmbeddings.CheckLabels(labels, classNames.Count, nameof(labels));
        var counts = new ClassCounts(classNames.Count);
        using var noGrad = no_grad();
        for (var first = 0; first < labels.Count; first += Block)
        {
            using var scope = NewDisposeScope();
            var block = imageEmbeds.slice(0, first, Math.Min(first + Block, labels.Count), 1);
            counts.Add(block.matmul(classEmbeds.t()), [.. labels.Skip(first).Take(Block)]);
        }
        return new ZeroShotReport(counts.ByName(classNames), []);
    }

    private static void Count(List<ReadOnlyMemory<float>> rows, List<int> labels, Tensor classes, ClassCounts counts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var block = tensor(rows.SelectMany(row => row.ToArray()).ToArray(), [rows.Count, rows[0].Length], device: classes.device);
        counts.Add(block.matmul(classes.t()), labels);
        rows.Clear();
        labels.Clear();
    }
}
