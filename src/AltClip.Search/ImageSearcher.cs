using System.Runtime.ExceptionServices;

namespace AltClip.Search;

/// <summary>Finds pictures of a store by a text in any language or by another picture. Any number of threads may share one.</summary>
public sealed class ImageSearcher
{
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
