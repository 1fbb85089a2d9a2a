using System.Numerics.Tensors;

namespace AltClip.Search;

/// <summary>What every <see cref="IImageStore"/> refuses, checked before anything is written or searched.</summary>
public static class StoreInput
{
    // Below the smallest normal number, the square of the length is not exact enough to divide by.
    private const float LeastSquare = 1.17549435e-38f;

    /// <summary>Checks pictures that are to be written.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="model">The store's model.</param>
    /// <returns>The pictures, of several with one id the last.</returns>
    /// <exception cref="ArgumentException">A picture is one that <see cref="IImageStore.UpsertAsync"/> refuses. The message names it.</exception>
    public static IReadOnlyCollection<ImageEntry> Check(IReadOnlyCollection<ImageEntry> images, EmbeddingModel model)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(model);
        var last = new Dictionary<string, ImageEntry>(images.Count, StringComparer.Ordinal);
        foreach (var image in images)
        {
            if (image is null) throw new ArgumentException("A picture is null.", nameof(images));
            if (string.IsNullOrEmpty(image.Id)) throw new ArgumentException("A picture has no id.", nameof(images));
            if (!CanBeId(image.Id)) throw new ArgumentException($"{image.Id.Replace('\0', '?')}: the id has a zero character.", nameof(images));
            if (image.Size < 0) throw new ArgumentException($"{image.Id} has a size of {image.Size} bytes.", nameof(images));
            if (image.Metadata.Any(pair => pair.Key.Contains('\0') || pair.Value.Contains('\0')))
                throw new ArgumentException($"The metadata of {image.Id} has a zero character.", nameof(images));
            CheckVector(image.Embedding.Span, model, image.Id, nameof(images));
            last[image.Id] = image;
        }
        return last.Values;
    }

    /// <summary>Checks what is searched for.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="model">The store's model.</param>
    /// <exception cref="ArgumentException">The vector is one that can't be compared with the model's, or <paramref name="top"/> is not positive.</exception>
    public static void CheckQuery(ReadOnlyMemory<float> vector, int top, EmbeddingModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        CheckVector(vector.Span, model, "the query", nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
    }

    /// <summary>Whether a store can have such an id. DuckDB would read it up to a zero character only, and PostgreSQL has no text with one.</summary>
    /// <param name="id">The id.</param>
    public static bool CanBeId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.Length > 0 && !id.Contains('\0');
    }

    private static void CheckVector(ReadOnlySpan<float> vector, EmbeddingModel model, string name, string parameter)
    {
        if (vector.Length != model.Dimensions)
            throw new ArgumentException($"The embedding of {name} has {vector.Length} numbers; expected {model.Dimensions}, as {model.Id} gives.", parameter);
        // Not finite too if a number is not.
        var length = TensorPrimitives.SumOfSquares(vector);
        if (!float.IsFinite(length)) throw new ArgumentException($"The embedding of {name} has numbers that are not finite, or too large.", parameter);
        if (length < LeastSquare) throw new ArgumentException($"The embedding of {name} has only zeros, which have no direction.", parameter);
    }
}
