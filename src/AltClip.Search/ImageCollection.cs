using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace AltClip.Search;

/// <summary>
/// A store behind the abstractions of Microsoft.Extensions.VectorData, for programs that know no other. It searches by a text, by a picture
/// (<see cref="ImageSource"/>, <see cref="DataContent"/>) or by a vector (<see cref="ReadOnlyMemory{T}"/>, an array,
/// <see cref="Embedding{T}"/>).
/// </summary>
/// <remarks>
/// What the abstractions leave to a database and this library doesn't ask of it: filters are applied here to what the store gives, not in the
/// database, and through an approximate index may then miss pictures; a collection is made when its store is opened, since it is bound to a
/// model, and is not deleted from here. There is no <see cref="VectorStore"/>, whose collections have records of the caller's own type.
/// </remarks>
public sealed class ImageCollection : VectorStoreCollection<string, ImageEntry>
{
    private readonly IImageStore _store;
    private readonly ImageSearcher? _searcher;

    /// <summary>A collection that is searched by vectors.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    public ImageCollection(IImageStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>A collection that is searched by texts, pictures and vectors.</summary>
    /// <param name="searcher">The store with its model.</param>
    public ImageCollection(ImageSearcher searcher)
    {
        ArgumentNullException.ThrowIfNull(searcher);
        (_store, _searcher) = (searcher.Store, searcher);
    }

    /// <inheritdoc/>
    public override string Name => _store.Name;

    /// <summary>True: a store that is open exists.</summary>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    /// <summary>Does nothing: a store that is open exists.</summary>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Is not supported: dispose the store and delete its file or its tables.</summary>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"{Name} is not deleted from here; dispose the store and delete its file or its tables.");

    /// <inheritdoc/>
    public override Task<ImageEntry?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("Get", async () => await _store.GetAsync(key, cancellationToken).ConfigureAwait(false) switch
        {
            { } image when options is not { IncludeVectors: true } => image with { Embedding = default },
            var image => image,
        });

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ImageEntry> GetAsync(
        Expression<Func<ImageEntry, bool>> filter, int top, FilteredRecordRetrievalOptions<ImageEntry>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        options ??= new FilteredRecordRetrievalOptions<ImageEntry>();
        // All before the first is given: the caller may use the store meanwhile, whose connections may be few.
        var fits = filter.Compile();
        var found = await RunAsync(
            "Get", async () => await _store.ListAsync(cancellationToken).Where(fits).ToListAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var image in Sorted(found, options).Skip(options.Skip).Take(top))
            if (await WithVectorAsync(image, options.IncludeVectors, cancellationToken).ConfigureAwait(false) is { } result) yield return result;
    }

    /// <inheritdoc/>
    public override Task UpsertAsync(ImageEntry record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    /// <inheritdoc/>
    public override Task UpsertAsync(IEnumerable<ImageEntry> records, CancellationToken cancellationToken = default) =>
        RunAsync("Upsert", async () =>
        {
            await _store.UpsertAsync([.. records], cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    /// <inheritdoc/>
    public override Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        RunAsync("Delete", () => _store.DeleteAsync([.. keys], cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The value is none that can be searched by, or a text or a picture where the collection has no <see cref="ImageSearcher"/>.
    /// </exception>
    public override async IAsyncEnumerable<VectorSearchResult<ImageEntry>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<ImageEntry>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        options ??= new VectorSearchOptions<ImageEntry>();
        var vector = await VectorAsync(searchValue, cancellationToken).ConfigureAwait(false);
        foreach (var match in await RunAsync("Search", () => FindAsync(vector, top, options, cancellationToken)).ConfigureAwait(false))
            if (await WithVectorAsync(match.Image, options.IncludeVectors, cancellationToken).ConfigureAwait(false) is { } image)
                yield return new VectorSearchResult<ImageEntry>(image, match.Score);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata))
            return new VectorStoreCollectionMetadata { VectorStoreSystemName = _store.SystemName, CollectionName = Name };
        return serviceType.IsInstanceOfType(this) ? this : serviceType.IsInstanceOfType(_store) ? _store : null;
    }

    /// <summary>A picture as it was asked for; null if it was deleted meanwhile.</summary>
    private Task<ImageEntry?> WithVectorAsync(ImageEntry image, bool isWanted, CancellationToken cancellationToken) =>
        isWanted ? GetAsync(image.Id, new RecordRetrievalOptions { IncludeVectors = true }, cancellationToken) : Task.FromResult<ImageEntry?>(image);

    // With a filter: asks for more until enough are left, or the store has no more.
    private async Task<IEnumerable<ImageMatch>> FindAsync(
        ReadOnlyMemory<float> vector, int top, VectorSearchOptions<ImageEntry> options, CancellationToken cancellationToken)
    {
        var fits = options.Filter?.Compile();
        var wanted = options.Skip + top;
        for (var asked = fits is null ? wanted : Math.Max(100, 4 * wanted); ; asked = (int)Math.Min(4L * asked, int.MaxValue))
        {
            var found = await _store.SearchAsync(vector, asked, cancellationToken).ConfigureAwait(false);
            ImageMatch[] fitting = [.. found.Where(match => fits?.Invoke(match.Image) != false && !(match.Score < options.ScoreThreshold))];
            if (fits is null || fitting.Length >= wanted || found.Count < asked) return fitting.Skip(options.Skip).Take(top);
        }
    }

    private async Task<ReadOnlyMemory<float>> VectorAsync<TInput>(TInput value, CancellationToken cancellationToken) => value switch
    {
        ReadOnlyMemory<float> vector => vector,
        float[] vector => vector,
        Embedding<float> embedding => embedding.Vector,
        string text when _searcher is not null => await _searcher.EmbedAsync(text, cancellationToken).ConfigureAwait(false),
        ImageSource image when _searcher is not null => await _searcher.EmbedAsync(image, cancellationToken).ConfigureAwait(false),
        DataContent image when _searcher is not null =>
            await _searcher.EmbedAsync(ImageSource.FromBytes(image.Data, image.Name ?? "picture"), cancellationToken).ConfigureAwait(false),
        string or ImageSource or DataContent => throw new NotSupportedException("A collection without a model is searched by vectors."),
        _ => throw new NotSupportedException($"Pictures are not searched by {typeof(TInput)}; expected a text, a picture or a vector of float."),
    };

    private static IEnumerable<ImageEntry> Sorted(IEnumerable<ImageEntry> images, FilteredRecordRetrievalOptions<ImageEntry> options)
    {
        var keys = options.OrderBy?.Invoke(new()).Values ?? [];
        // The last key first: each sort keeps the order of equals.
        foreach (var key in keys.Reverse())
        {
            var select = key.PropertySelector.Compile();
            images = key.Ascending ? images.OrderBy(select) : images.OrderByDescending(select);
        }
        return images;
    }

    private async Task<T> RunAsync<T>(string operation, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (DbException e)
        {
            throw new VectorStoreException(e.Message, e) { VectorStoreSystemName = _store.SystemName, CollectionName = Name, OperationName = operation };
        }
    }
}
