using AltClip.Imaging;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AltClip.Extensions;

/// <summary>
/// Embeds pictures with AltCLIP, in the space of <see cref="AltClipTextEmbeddingGenerator"/>'s texts. Pictures of concurrent calls are
/// computed together. Any number of threads may share one.
/// </summary>
public sealed class AltClipImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>, IAsyncDisposable
{
    /// <summary>The key of the number of pictures in <see cref="UsageDetails.AdditionalCounts"/>.</summary>
    public const string ImageCountKey = "InputImageCount";

    private readonly BatchedEmbeddings<ImageSource> _embeddings;

    /// <summary>Makes a generator of a pipeline, for programs without dependency injection; the others call <c>AddAltClip</c>.</summary>
    /// <param name="pipeline">The pipeline, which stays the caller's and must outlive the generator. Its image batch size is kept to.</param>
    /// <param name="modelId">What embeddings call the model.</param>
    /// <param name="batching">How concurrent calls are joined; null for the defaults.</param>
    /// <param name="loggers">Where is logged; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the name is empty.</exception>
    public AltClipImageEmbeddingGenerator(
        AltCLIPPipeline pipeline, string modelId, AltClipBatchingOptions? batching = null, ILoggerFactory? loggers = null)
        : this(
            AltClipPipelineProvider.Of(pipeline, modelId), BatchLimits.From(batching ?? new(), pipeline.Options.ImageBatchSize),
            new AppServices(loggers: loggers))
    {
    }

    internal AltClipImageEmbeddingGenerator(AltClipPipelineProvider provider, BatchLimits limits, AppServices app) =>
        _embeddings = new BatchedEmbeddings<ImageSource>(provider, limits, "image", EmbedAsync, app);

    /// <summary>Embeds pictures.</summary>
    /// <param name="values">
    /// The files of the pictures: JPEG, PNG, GIF, WebP or BMP. The content says which; the media type need only be that of an image or
    /// <c>application/octet-stream</c>.
    /// </param>
    /// <param name="options">
    /// <see cref="EmbeddingGenerationOptions.Dimensions"/> and <see cref="EmbeddingGenerationOptions.ModelId"/> may only repeat what the
    /// model has; others are not looked at.
    /// </param>
    /// <param name="cancellationToken">Gives up this call; others that share a batch with it go on.</param>
    /// <returns>
    /// An embedding of length one for each picture, in order. Pictures have no tokens: their number is in
    /// <see cref="UsageDetails.AdditionalCounts"/> under <see cref="ImageCountKey"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// A picture is null, empty or of a media type that is none of a picture, or the options ask for another model or number of dimensions.
    /// </exception>
    /// <exception cref="ImageException">A picture of this call can't be read; the message names it. Other calls don't notice.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="AltClipBatchingOptions.RequestTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed, or was so before the embeddings were there.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return _embeddings.GenerateAsync([.. values.Select(Picture)], options, Usage, cancellationToken);
    }

    /// <inheritdoc cref="AltClipTextEmbeddingGenerator.GetService"/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _embeddings.GetService(this, serviceType, serviceKey);

    /// <inheritdoc cref="AltClipTextEmbeddingGenerator.Dispose"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="AltClipTextEmbeddingGenerator.Dispose"/>
    public ValueTask DisposeAsync() => _embeddings.DisposeAsync();

    private static ImageSource Picture(DataContent content, int index)
    {
        if (content is null) throw new ArgumentException($"Picture {index} is null.", "values");
        var name = string.IsNullOrEmpty(content.Name) ? $"picture {index}" : content.Name;
        if (!content.HasTopLevelMediaType("image") && content.MediaType != "application/octet-stream")
            throw new ArgumentException($"{name} has the media type {content.MediaType}; expected image/….", "values");
        if (content.Data.IsEmpty) throw new ArgumentException($"{name} is empty.", "values");
        return ImageSource.FromBytes(content.Data, name);
    }

    private static async Task<IReadOnlyList<BatchOutcome<EncodedInput>>> EmbedAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<ImageSource> pictures, CancellationToken cancellationToken)
    {
        // The same model and preparation, but a picture that can't be read fails its own caller alone. Nothing of it is to be disposed.
        var skipping = new AltCLIPPipeline(pipeline.Model, pipeline.Processor, pipeline.Options with
        {
            Images = pipeline.Options.Images with { OnError = ImageErrorHandling.Skip },
        });
        var outcomes = new List<BatchOutcome<EncodedInput>>(pictures.Count);
        await foreach (var picture in skipping.EncodeImagesAsync(pictures, cancellationToken: cancellationToken).ConfigureAwait(false))
            outcomes.Add(new BatchOutcome<EncodedInput>(new EncodedInput(picture.Embedding, 0), picture.Error));
        return outcomes;
    }

    private static UsageDetails Usage(EncodedInput[] encoded) => new() { AdditionalCounts = new() { [ImageCountKey] = encoded.Length } };
}
