using AltClip.Extensions;

namespace AltClip.Search.Extensions;

/// <summary>Opens a store for the app's model once, for all who ask. <c>AddAltClipSearch</c> registers it.</summary>
public sealed class AltClipSearchProvider : IDisposable, IAsyncDisposable
{
    private readonly AltClipPipelineProvider _models;
    private readonly ImageStores _stores;
    private readonly AltClipSearchOptions _options;
    private readonly OpenedOnce<Opened> _opened;

    internal AltClipSearchProvider(AltClipPipelineProvider models, ImageStores stores, AltClipSearchOptions options)
    {
        (_models, _stores, _options) = (models, stores, options);
        _opened = new(this, OpenAsync, opened => opened.Searcher.Store.DisposeAsync());
    }

    /// <summary>Gives what finds pictures, and opens model and store if nobody has yet. After a failure the next call tries again.</summary>
    /// <param name="cancellationToken">Stops waiting; opening goes on for others.</param>
    /// <returns>The searcher, whose store belongs to the provider.</returns>
    /// <exception cref="ArgumentException">No database takes <see cref="AltClipSearchOptions.Store"/>.</exception>
    /// <exception cref="ImageStoreException">The store is missing, of another program, or has embeddings of another model.</exception>
    /// <exception cref="AltClipException">The model can't be loaded.</exception>
    /// <exception cref="IOException">A file of the model is missing.</exception>
    /// <exception cref="ObjectDisposedException">The app's services are disposed.</exception>
    public async Task<ImageSearcher> GetSearcherAsync(CancellationToken cancellationToken = default) =>
        (await _opened.GetAsync(cancellationToken).ConfigureAwait(false)).Searcher;

    /// <summary>Makes what indexes folders into the store.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; opening goes on for others.</param>
    /// <inheritdoc cref="GetSearcherAsync" path="/exception"/>
    public async Task<ImageIndexer> GetIndexerAsync(ImageIndexerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (searcher, pipeline) = await _opened.GetAsync(cancellationToken).ConfigureAwait(false);
        return new ImageIndexer(searcher.Store, pipeline, options);
    }

    /// <summary>Closes the store; one that is being opened is closed when it is there.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    private async Task<Opened> OpenAsync()
    {
        var pipeline = await _models.GetPipelineAsync().ConfigureAwait(false);
        var store = await _stores.OpenAsync(
            _options.Store, new EmbeddingModel(_models.ModelId, pipeline.Model.Config.ProjectionDim),
            new ImageStoreOptions { Table = _options.Table, ReadOnly = _options.ReadOnly }).ConfigureAwait(false);
        return new Opened(new ImageSearcher(store, pipeline), pipeline);
    }

    private sealed record Opened(ImageSearcher Searcher, AltCLIPPipeline Pipeline);
}
