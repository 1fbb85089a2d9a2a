using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AltClip.Extensions;

/// <summary>
/// Embeds texts in any language with AltCLIP, in the space of <see cref="AltClipImageEmbeddingGenerator"/>'s pictures. Texts of concurrent
/// calls are computed together. Any number of threads may share one.
/// </summary>
public sealed class AltClipTextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
{
    private readonly BatchedEmbeddings<string> _embeddings;

    /// <summary>Makes a generator of a pipeline, for programs without dependency injection; the others call <c>AddAltClip</c>.</summary>
    /// <param name="pipeline">The pipeline, which stays the caller's and must outlive the generator. Its text batch size is kept to.</param>
    /// <param name="modelId">What embeddings call the model.</param>
    /// <param name="batching">How concurrent calls are joined; null for the defaults.</param>
    /// <param name="loggers">Where is logged; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the name is empty.</exception>
    public AltClipTextEmbeddingGenerator(
        AltCLIPPipeline pipeline, string modelId, AltClipBatchingOptions? batching = null, ILoggerFactory? loggers = null)
        : this(
            AltClipPipelineProvider.Of(pipeline, modelId), BatchLimits.From(batching ?? new(), pipeline.Options.TextBatchSize),
            new AppServices(loggers: loggers))
    {
    }

    internal AltClipTextEmbeddingGenerator(AltClipPipelineProvider provider, BatchLimits limits, AppServices app) =>
        _embeddings = new BatchedEmbeddings<string>(provider, limits, "text", EmbedAsync, app);

    /// <summary>Embeds texts.</summary>
    /// <param name="values">The texts. Those too long for the model are cut.</param>
    /// <param name="options">
    /// <see cref="EmbeddingGenerationOptions.Dimensions"/> and <see cref="EmbeddingGenerationOptions.ModelId"/> may only repeat what the
    /// model has; others are not looked at.
    /// </param>
    /// <param name="cancellationToken">Gives up this call; others that share a batch with it go on.</param>
    /// <returns>
    /// An embedding of length one for each text, in order, with the tokens that the model read as
    /// <see cref="UsageDetails.InputTokenCount"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A text is null, or the options ask for another model or number of dimensions.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="AltClipBatchingOptions.RequestTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed, or was so before the embeddings were there.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        var missing = Array.IndexOf(texts, null);
        if (missing >= 0) throw new ArgumentException($"Text {missing} is null.", nameof(values));
        return _embeddings.GenerateAsync(texts, options, Usage, cancellationToken);
    }

    /// <summary>
    /// Gives the generator itself, its <see cref="EmbeddingGeneratorMetadata"/>, its <see cref="AltClipPipelineProvider"/>, or the
    /// <see cref="AltCLIPPipeline"/> once it is loaded.
    /// </summary>
    /// <param name="serviceType">The type asked for.</param>
    /// <param name="serviceKey">Null; there is nothing under keys.</param>
    /// <returns>The object, or null.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null) => _embeddings.GetService(this, serviceType, serviceKey);

    /// <summary>Waits for the batch that is being computed; calls that are not done fail with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _embeddings.DisposeAsync();

    private static async Task<IReadOnlyList<BatchOutcome<EncodedInput>>> EmbedAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var rows = await pipeline.EncodeTextAsync(texts, cancellationToken).ConfigureAwait(false);
        var tokens = pipeline.CountTokens(texts, cancellationToken);
        return [.. rows.Zip(tokens, (row, count) => new BatchOutcome<EncodedInput>(new EncodedInput(row, count)))];
    }

    private static UsageDetails Usage(EncodedInput[] encoded)
    {
        var tokens = encoded.Sum(input => (long)input.Tokens);
        return new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
    }
}
