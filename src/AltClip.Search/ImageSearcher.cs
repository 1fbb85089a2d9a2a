using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using AltClip.Imaging;

namespace AltClip.Search;

/// <summary>Finds pictures of a store by a text in any language or by another picture. Any number of threads may share one.</summary>
public sealed class ImageSearcher
{
    // Of the sum of the weights: what is shorter is the rounding of parts that cancel each other.
    private const double LeastLength = 1e-4;

    private readonly AltCLIPPipeline _pipeline;

    /// <summary>Joins a store and the model that made its embeddings.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    /// <param name="pipeline">The model, which stays the caller's.</param>
    /// <exception cref="ModelMismatchException">The model's embeddings have other dimensions than the store's.</exception>
    public ImageSearcher(IImageStore store, AltCLIPPipeline pipeline)
    {
        PipelineCheck.RefuseOtherDimensions(store, pipeline);
        (Store, _pipeline) = (store, pipeline);
    }

    /// <summary>The store that is searched.</summary>
    public IImageStore Store { get; }

    /// <summary>Finds the pictures that fit a text best.</summary>
    /// <param name="text">The text, in any language. What is too long for the model is cut off, unless the pipeline's options say otherwise.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures, the best first.</returns>
    /// <exception cref="ArgumentException">The text is empty, or <paramref name="top"/> is not positive.</exception>
    public async Task<IReadOnlyList<ImageMatch>> SearchAsync(string text, int top = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        return await Store.SearchAsync(await EmbedAsync(text, cancellationToken).ConfigureAwait(false), top, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the pictures that are most like a picture.</summary>
    /// <param name="image">The picture; it need not be in the store.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures, the best first.</returns>
    /// <exception cref="ArgumentException"><paramref name="top"/> is not positive.</exception>
    /// <exception cref="ImageException">The picture can't be read.</exception>
    /// <exception cref="IOException">The picture's file can't be read.</exception>
    public async Task<IReadOnlyList<ImageMatch>> SearchAsync(ImageSource image, int top = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        return await Store.SearchAsync(await EmbedAsync(image, cancellationToken).ConfigureAwait(false), top, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the pictures that are most like a sum and difference of texts and pictures.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">How many, from which score on, which; null for the ten best.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures, the best first. A score is the cosine of a picture's embedding and the query's.</returns>
    /// <exception cref="ArgumentException">The parts of the query cancel each other.</exception>
    /// <exception cref="ImageException">A picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file can't be read, or a picture can't be downloaded.</exception>
    public async Task<IReadOnlyList<ImageMatch>> SearchAsync(
        SearchQuery query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SearchOptions();
        var vector = await EmbedAsync(query, cancellationToken).ConfigureAwait(false);
        for (var asked = options.Includes is null ? options.Top : Math.Max(100L, 4L * options.Top); ; asked *= 4)
        {
            asked = Math.Min(asked, int.MaxValue);
            var found = await Store.SearchAsync(vector, (int)asked, cancellationToken).ConfigureAwait(false);
            ImageMatch[] fitting = [.. found.Where(match => !(match.Score < options.MinScore) && options.Includes?.Invoke(match.Image.Id) != false).Take(options.Top)];
            // The worst that was found is below the cut-off, and so are all others.
            if (fitting.Length == options.Top || found.Count < asked || found[^1].Score < options.MinScore) return fitting;
        }
    }

    /// <summary>Embeds a query: the sum of its parts' embeddings, each of length one and times its weight.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>projection_dim numbers of length one.</returns>
    /// <exception cref="ArgumentException">The parts of the query cancel each other.</exception>
    /// <exception cref="ImageException">A picture can't be read.</exception>
    /// <exception cref="IOException">A picture's file can't be read, or a picture can't be downloaded.</exception>
    public async Task<ReadOnlyMemory<float>> EmbedAsync(SearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sum = new float[Store.Model.Dimensions];
        foreach (var term in query.Terms)
        {
            var embedding = await EmbedAsync(term, cancellationToken).ConfigureAwait(false);
            TensorPrimitives.MultiplyAdd(embedding.Span, (float)term.Weight, sum, sum);
        }
        var length = TensorPrimitives.Norm<float>(sum);
        if (length < LeastLength * query.Terms.Sum(term => Math.Abs(term.Weight)))
            throw new ArgumentException($"The parts of the query cancel each other: {query}.", nameof(query));
        TensorPrimitives.Divide(sum, length, sum);
        return sum;
    }

    private async Task<ReadOnlyMemory<float>> EmbedAsync(SearchTerm term, CancellationToken cancellationToken) => term.Kind switch
    {
        SearchTermKind.Text => await EmbedAsync(term.Name, cancellationToken).ConfigureAwait(false),
        SearchTermKind.Image => await EmbedAsync(term.Image!, cancellationToken).ConfigureAwait(false),
        _ => await EmbedAsync(
            await ImageDownload.GetAsync(new Uri(term.Name), cancellationToken: cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
    };

    /// <summary>Embeds a text as a query.</summary>
    internal async Task<ReadOnlyMemory<float>> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return (await _pipeline.EncodeTextAsync([text], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Embeds a picture as a query.</summary>
    internal async Task<ReadOnlyMemory<float>> EmbedAsync(ImageSource image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ReadOnlyMemory<float> embedding = default;
        await foreach (var encoded in _pipeline.EncodeImagesAsync([image], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            // Where the pipeline skips what can't be read.
            if (encoded.Error is { } error) ExceptionDispatchInfo.Throw(error);
            embedding = encoded.Embedding;
        }
        return embedding;
    }
}
