using AltClip.Configuration;
using AltClip.Imaging;
using AltClip.Pipeline;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>
/// Finds the cosine below which a picture shows none of the labels given. Each picture is given labels twice: drawn from the classes that it is not of,
/// and the same with the last one replaced by its own. The threshold is the lowest that lets through no more of the first than was asked for, on
/// every second picture; its rates are those on the other half.
/// </summary>
/// <remarks>
/// Rejection by the highest score is the baseline of Hendrycks and Gimpel (arXiv 1610.02136); by the cosine and not the probability, since
/// probabilities among labels of which none is right are high too.
/// </remarks>
public static class RejectionCalibration
{
    private const int Block = 256;

    // Other labels for the same picture cost nothing, and make rates steadier.
    private const int Draws = 10;

    /// <summary>Calibrates a model on labelled pictures, which it should not have been trained on.</summary>
    /// <param name="pipeline">
    /// Model and processor. With <see cref="ImageErrorHandling.Skip"/> in its options, unreadable pictures don't count.
    /// </param>
    /// <param name="images">The pictures, read a few at a time.</param>
    /// <param name="prompts">The classes and what they are called. Where they are a part of the labels' (<see cref="ZeroShotPrompts.Labels"/>), pictures of others don't count.</param>
    /// <param name="calibratedOn">What the pictures are, in words, as <see cref="RejectionThreshold.CalibratedOn"/> says it.</param>
    /// <param name="options">What is asked for; null for the defaults.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">
    /// There are fewer than two classes, too few pictures for the rate asked for, or a label is not one of the classes'; or an option has no valid value.
    /// </exception>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<RejectionReport> RunAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<LabelledImage> images, ZeroShotPrompts prompts, string calibratedOn, RejectionOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentException.ThrowIfNullOrWhiteSpace(calibratedOn);
        if (prompts.Labels is { } part) images = LabelledImages.Part(images, part);
        LabelledEmbeddings.CheckLabels([.. images.Select(image => image.Label)], prompts.Classes.Count, nameof(images));
        options = Checked(options, images.Count, prompts.Classes.Count, nameof(images), nameof(prompts));
        using var classes = await Task.Run(() => PromptEnsemble.Embed(pipeline, prompts.Sentences, cancellationToken), cancellationToken).ConfigureAwait(false);
        var (trials, skipped) = (new RejectionTrials(prompts.Classes.Count, options, Draws), new List<SkippedImage>());
        var (rows, labels) = (new List<ReadOnlyMemory<float>>(), new List<int>());
        var readable = ReadableImages.EncodeAsync(pipeline, images.Select(image => image.Image), skipped, progress, cancellationToken);
        await foreach (var image in readable.ConfigureAwait(false))
        {
            rows.Add(image.Embedding);
            labels.Add(images[image.Index].Label);
            if (rows.Count == Block) Add();
        }
        if (rows.Count > 0) Add();
        CheckPictures(trials.Pictures, options, nameof(images));
        return trials.Report(calibratedOn, skipped);

        void Add()
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var block = tensor(rows.SelectMany(row => row.ToArray()).ToArray(), [rows.Count, rows[0].Length], device: classes.device);
            trials.Add(block.matmul(classes.t()), labels);
            rows.Clear();
            labels.Clear();
        }
    }

    /// <summary>Calibrates on embeddings, for a model of one's own or one in training.</summary>
    /// <param name="imageEmbeds">Embeddings of length one: floating point [pictures, width].</param>
    /// <param name="classEmbeds">Embeddings of length one: floating point [classes, width].</param>
    /// <param name="labels">The class of each picture.</param>
    /// <param name="calibratedOn">What the pictures are, in words, as <see cref="RejectionThreshold.CalibratedOn"/> says it.</param>
    /// <param name="options">What is asked for; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// Shapes and counts don't fit; there are fewer than two classes, too few pictures for the rate asked for, or a label is not one of the classes'; or
    /// an option has no valid value.
    /// </exception>
    public static RejectionReport Score(
        Tensor imageEmbeds, Tensor classEmbeds, IReadOnlyList<int> labels, string calibratedOn, RejectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(imageEmbeds);
        ArgumentNullException.ThrowIfNull(classEmbeds);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentException.ThrowIfNullOrWhiteSpace(calibratedOn);
        Check.Shape(classEmbeds, nameof(classEmbeds), "[classes, width]", null, null);
        Check.Shape(imageEmbeds, nameof(imageEmbeds), "[pictures, width]", labels.Count, classEmbeds.shape[1]);
        var classes = (int)classEmbeds.shape[0];
        LabelledEmbeddings.CheckLabels(labels, classes, nameof(labels));
        options = Checked(options, labels.Count, classes, nameof(imageEmbeds), nameof(classEmbeds));
        var trials = new RejectionTrials(classes, options, Draws);
        using var noGrad = no_grad();
        for (var first = 0; first < labels.Count; first += Block)
        {
            using var scope = NewDisposeScope();
            var block = imageEmbeds.slice(0, first, Math.Min(first + Block, labels.Count), 1);
            trials.Add(block.matmul(classEmbeds.t()), [.. labels.Skip(first).Take(Block)]);
        }
        return trials.Report(calibratedOn, []);
    }

    private static RejectionOptions Checked(RejectionOptions? options, int pictures, int classes, string picturesName, string classesName)
    {
        options ??= new();
        options.Validate();
        if (classes < 2) throw new ArgumentException("There is one class; expected two at least, so that a picture can be given a wrong label.", classesName);
        CheckPictures(pictures, options, picturesName);
        return options with { LabelsPerPicture = Math.Min(options.LabelsPerPicture, classes - 1) };
    }

    /// <summary>That the half that the threshold is chosen on has the picture that may get through.</summary>
    private static void CheckPictures(int pictures, RejectionOptions options, string name)
    {
        var least = 2 * (int)Math.Ceiling(1 / options.FalseAcceptRate);
        if (pictures < least)
            throw new ArgumentException(FormattableString.Invariant($"There are {pictures} pictures; expected {least} at least for a false-accept rate of {options.FalseAcceptRate}."), name);
    }
}
