using Microsoft.Extensions.AI;

namespace AltClip.Extensions;

/// <summary>Embeds a batch with the pipeline: an outcome for each item, in their order.</summary>
internal delegate Task<IReadOnlyList<BatchOutcome<EncodedInput>>> EmbedBatch<TItem>(
    AltCLIPPipeline pipeline, IReadOnlyList<TItem> items, CancellationToken cancellationToken);

/// <summary>What the embedding generators for texts and for pictures have in common.</summary>
/// <typeparam name="TItem">What the pipeline takes.</typeparam>
internal sealed class BatchedEmbeddings<TItem> : IAsyncDisposable
{
    public const string ProviderName = "altclip";

    private readonly AltClipPipelineProvider _provider;
    private readonly RequestBatcher<TItem, EncodedInput> _batcher;
    private readonly TimeProvider _time;

    public BatchedEmbeddings(AltClipPipelineProvider provider, BatchLimits limits, string kind, EmbedBatch<TItem> embed, AppServices app)
    {
        _provider = provider;
        _time = app.Time;
        _batcher = new RequestBatcher<TItem, EncodedInput>(
            async (items, stop) => await embed(await provider.GetPipelineAsync(stop).ConfigureAwait(false), items, stop).ConfigureAwait(false),
            limits, new BatchTelemetry(app.Meter, app.Logger, kind, provider.ModelId, () => Computer(kind)), app.Time);
    }

    private TowerComputation Computer(string kind) => _provider.Loaded?.Model is not { } model ? default
        : kind == "text" ? TowerComputation.OfTexts(model) : TowerComputation.OfPictures(model);

    private EmbeddingGeneratorMetadata Metadata => new(ProviderName, providerUri: null, _provider.ModelId, _provider.Dimensions);

    /// <summary>Embeds inputs that were checked.</summary>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IReadOnlyList<TItem> items, EmbeddingGenerationOptions? options, Func<EncodedInput[], UsageDetails> usage,
        CancellationToken cancellationToken)
    {
        if (options?.ModelId is { } model && model != _provider.ModelId)
            throw new ArgumentException($"{nameof(options.ModelId)} is '{model}'; the only one here is '{_provider.ModelId}'.", nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        if (items.Count == 0) return [];
        var pipeline = await _provider.GetPipelineAsync(cancellationToken).ConfigureAwait(false);
        var width = pipeline.Model.Config.ProjectionDim;
        if (options?.Dimensions is { } dimensions && dimensions != width)
        {
            throw new ArgumentException(
                $"{nameof(options.Dimensions)} is {dimensions}; '{_provider.ModelId}' makes embeddings of {width} numbers, which can't be shortened.",
                nameof(options));
        }
        var encoded = await _batcher.RunAsync(items, cancellationToken).ConfigureAwait(false);
        var created = _time.GetUtcNow();
        var embeddings = encoded.Select(input => new Embedding<float>(input.Vector) { CreatedAt = created, ModelId = _provider.ModelId });
        return new GeneratedEmbeddings<Embedding<float>>(embeddings) { Usage = usage(encoded) };
    }

    /// <summary>What <see cref="IEmbeddingGenerator.GetService"/> finds behind a generator.</summary>
    public object? GetService(object generator, Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType.IsInstanceOfType(generator)) return generator;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return Metadata;
        if (serviceType == typeof(AltClipPipelineProvider)) return _provider;
        return serviceType == typeof(AltCLIPPipeline) ? _provider.Loaded : null;
    }

    public ValueTask DisposeAsync() => _batcher.DisposeAsync();
}
