using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Hub;
using AltClip.Imaging;
using AltClip.Inference.Calibration;
using AltClip.Native;
using AltClip.Shared;
using AltClip.Tokenization;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// Model and processor together: texts and picture files in, embeddings, labels and similarities out. Several threads may share one.
/// </summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed partial class AltCLIPPipeline : IDisposable
{
    /// <summary>What a pipeline is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [.. AltCLIPInference.Files(), .. AltCLIPProcessor.Files, .. RejectionThreshold.Files];

    private readonly AltCLIPPipelineOptions _options;
    private readonly AltCLIPProcessorOptions _textOptions;
    private readonly AltCLIPProcessorOptions _imageOptions;
    private readonly AltCLIPProcessorOptions _strictOptions;
    private volatile bool _isDisposed;

    /// <summary>Joins a model made ready for inference and a processor; the pipeline then owns both.</summary>
    /// <param name="model">The model, with both encoders.</param>
    /// <param name="processor">The processor of the same checkpoint.</param>
    /// <param name="options">Batch sizes and preparation; null for the defaults. Precision, device and adapters are the model's own.</param>
    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    public AltCLIPPipeline(AltCLIPInference model, AltCLIPProcessor processor, AltCLIPPipelineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(processor);
        _options = options ?? new AltCLIPPipelineOptions();
        _options.Validate();
        // Texts are checked before they go to the device, which would have to send the answer back.
        // The tokenizer's own settings may ask for padding at the left, where the encoder takes the token that stands for the text.
        _textOptions = new AltCLIPProcessorOptions { Text = _options.Text with { PaddingSide = Side.Right } };
        _imageOptions = new AltCLIPProcessorOptions { Images = _options.Images, Device = _options.Device };
        _strictOptions = _imageOptions with { Images = _options.Images with { OnError = ImageErrorHandling.Throw } };
        Model = model;
        Processor = processor;
    }

    /// <summary>The model that computes.</summary>
    public AltCLIPInference Model { get; }

    /// <summary>The processor that prepares.</summary>
    public AltCLIPProcessor Processor { get; }

    /// <summary>Batch sizes and preparation.</summary>
    public AltCLIPPipelineOptions Options => _options;

    /// <summary>
    /// From which cosine on a label counts as shown, where that was calibrated for the model; null where it wasn't, and with adapters, which make
    /// another model of it.
    /// </summary>
    public RejectionThreshold? RejectionThreshold { get; init; }

    /// <summary>Loads model and processor from a checkpoint.</summary>
    /// <param name="folderOrId">
    /// A folder with configuration, weights, tokenizer and image settings; or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="options">Precision, device, batch sizes and preparation; null for the defaults.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="ArgumentException">An option has no valid value, or there is a revision where there is no id.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights, or an adapter's, can't be read or don't fit.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read.</exception>
    /// <exception cref="ConfigurationException">The image settings or <c>thresholds.json</c> can't be read.</exception>
    public static AltCLIPPipeline FromPretrained(
        string folderOrId, AltCLIPPipelineOptions? options = null, string? revision = null, HubOptions? hub = null)
    {
        options ??= new AltCLIPPipelineOptions();
        options.Validate();
        return Load(new PretrainedSource(folderOrId, revision, hub).Locate(Files), options, CancellationToken.None);
    }

    /// <summary>Embeds texts.</summary>
    /// <param name="texts">The texts, in any language.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Embeddings of length one: float32 [texts, projection_dim], which the caller disposes; of no texts [0, projection_dim].</returns>
    /// <exception cref="ArgumentException">A text is null.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public Tensor EmbedText(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        Check.NoNulls(texts, nameof(texts), "text");
        if (texts.Count == 0) return NoEmbeddings();
        using var scope = NewDisposeScope();
        // Texts of like length together, so that where rows are padded there is little of it.
        int[] order = [.. Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length)];
        List<Tensor> batches = [];
        foreach (var batch in order.Chunk(_options.TextBatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inputs = Processor.Process(text: [.. batch.Select(i => texts[i])], options: _textOptions, cancellationToken: cancellationToken);
            batches.Add(Model.get_text_features(inputs.InputIds!, inputs.AttentionMask, token_type_ids: inputs.TokenTypeIds));
        }
        var sorted = cat(batches);
        var place = new long[order.Length];
        for (var i = 0; i < order.Length; i++) place[order[i]] = i;
        return scope.MoveToOuter(sorted.index_select(0, tensor(place, device: sorted.device)).ToUnitLength());
    }

    /// <summary>Counts the tokens that <see cref="EmbedText"/> reads: special tokens included, what is cut off and padding not.</summary>
    /// <param name="texts">The texts, in any language.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    /// <returns>A count for each text.</returns>
    /// <exception cref="ArgumentException">A text is null.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public int[] CountTokens(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        var unpadded = _options.Text with { Padding = PaddingStrategy.None, PadToMultipleOf = null };
        return [.. Processor.Tokenizer.Encode(texts, unpadded, cancellationToken).InputIds.Select(row => row.Length)];
    }

    /// <summary>Embeds pictures.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Embeddings of length one: float32 [pictures, projection_dim], which the caller disposes; of no pictures [0, projection_dim].</returns>
    /// <remarks>
    /// A tensor can't say which row is missing, so that a picture that can't be read is an error here, and in all that compares pictures, even with
    /// <see cref="ImageErrorHandling.Skip"/> in the options; <see cref="EncodeImagesAsync"/> skips and says which.
    /// </remarks>
    /// <exception cref="ArgumentException">A picture is null.</exception>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public Tensor EmbedImages(IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        Check.NoNulls(images, nameof(images), "picture");
        if (images.Count == 0) return NoEmbeddings();
        using var scope = NewDisposeScope();
        List<Tensor> batches = [];
        foreach (var batch in images.Chunk(_options.ImageBatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inputs = Processor.Process(images: batch, options: _strictOptions, cancellationToken: cancellationToken);
            batches.Add(Model.get_image_features(inputs.PixelValues!));
        }
        return scope.MoveToOuter(cat(batches).ToUnitLength());
    }

    /// <summary>Makes a classifier of labels, which can be used for any number of pictures.</summary>
    /// <param name="labels">What may be in a picture, in any language.</param>
    /// <param name="templates">
    /// Sentences with <c>{}</c> in the label's place, over which a label's embedding is averaged (Radford et al., arXiv 2103.00020, section
    /// 3.1.4); null for the labels as they are.
    /// </param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The classifier, which the caller disposes; the pipeline must outlive it.</returns>
    /// <exception cref="ArgumentException">There are no labels or no templates, one is null, or a template has no <c>{}</c>.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public ZeroShotClassifier CreateClassifier(
        IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null, CancellationToken cancellationToken = default) =>
        ZeroShotClassifier.Create(this, labels, templates ?? ["{}"], cancellationToken);

    /// <summary>Says which labels fit a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="labels">What may be in it, in any language.</param>
    /// <param name="templates">Sentences with <c>{}</c> in the label's place, averaged; null for the labels as they are.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>All labels with their probabilities, the most probable first.</returns>
    /// <exception cref="ArgumentException">There are no labels or no templates, one is null, or a template has no <c>{}</c>.</exception>
    /// <exception cref="ImageException">The picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public IReadOnlyList<LabelProbability> Classify(
        ImageSource image, IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var classifier = CreateClassifier(labels, templates, cancellationToken);
        return classifier.Classify([image], cancellationToken)[0];
    }

    /// <summary>Orders pictures by how well they fit a text.</summary>
    /// <param name="text">The text, in any language.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>For each picture its index and its cosine similarity, the best first.</returns>
    /// <exception cref="ArgumentException">A picture is null.</exception>
    /// <exception cref="ImageException">A picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public IReadOnlyList<RankedItem> Rank(string text, IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Ranked(Similarity([text], images, cancellationToken), byText: true);
    }

    /// <summary>Orders texts by how well they fit a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="texts">The texts, in any language.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>For each text its index and its cosine similarity, the best first.</returns>
    /// <exception cref="ArgumentException">A text is null.</exception>
    /// <exception cref="ImageException">The picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public IReadOnlyList<RankedItem> Rank(ImageSource image, IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Ranked(Similarity(texts, [image], cancellationToken), byText: false);
    }

    /// <summary>Compares each text with each picture.</summary>
    /// <param name="texts">The texts, in any language.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Cosine similarities, -1 to 1: [texts, pictures].</returns>
    /// <exception cref="ArgumentException">A text or a picture is null.</exception>
    /// <exception cref="ImageException">A picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public float[,] Similarity(IReadOnlyList<string> texts, IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        Check.NoNulls(texts, nameof(texts), "text");
        Check.NoNulls(images, nameof(images), "picture");
        if (texts.Count == 0 || images.Count == 0) return new float[texts.Count, images.Count];
        using var scope = NewDisposeScope();
        return EmbedText(texts, cancellationToken).matmul(EmbedImages(images, cancellationToken).t()).ToArray2D();
    }

    /// <summary>
    /// Frees the model's weights, once the batches that are being computed are. Later calls are refused, and those under way that have more
    /// batches end with an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _isDisposed = true;
        Model.Dispose();
        Processor.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    private Tensor NoEmbeddings() => zeros(0, Model.Config.ProjectionDim, float32, _options.Device);

    private static AltCLIPPipeline Load(string folder, AltCLIPPipelineOptions options, CancellationToken cancellationToken)
    {
        TorchRuntime.EnsureLoaded();
        var inference = new InferenceOptions { Precision = options.Precision, Mapped = options.Mapped, IgnoreCalibration = options.IgnoreCalibration };
        string[] beside =
        [
            .. AltCLIPProcessor.Files.SelectMany(group => group.Alternatives).SelectMany(names => names), .. ConfigFile.Names, CalibrationFile.Name,
            RejectionThreshold.FileName,
        ];
        return FolderStamp.ReadTogether(folder, beside, stamp =>
        {
            var threshold = RejectionThreshold.FromPretrained(folder);
            var processor = AltCLIPProcessor.FromPretrained(folder);
            try
            {
                var model = AltCLIPInference.Load(
                    new PretrainedSource(folder, null, null), inference, options.Device, options.AllAdapters, beside: stamp, cancellationToken: cancellationToken);
                return new AltCLIPPipeline(model, processor, options) { RejectionThreshold = options.AllAdapters.Count == 0 ? threshold : null };
            }
            catch
            {
                processor.Dispose();
                throw;
            }
        });
    }

    private static RankedItem[] Ranked(float[,] similarity, bool byText) =>
    [
        .. Enumerable.Range(0, similarity.Length)
            .Select(i => new RankedItem(i, byText ? similarity[0, i] : similarity[i, 0]))
            .OrderByDescending(item => item.Similarity),
    ];
}
