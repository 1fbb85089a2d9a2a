using System.Numerics.Tensors;

namespace AltClip.Search;

/// <summary>Checks what goes into stores before anything is written.</summary>
internal static class StoreInput
{
    // Below the smallest normal number, the square of the length is not exact enough to divide by.
    private const float LeastSquare = 1.17549435e-38f;

    /// <summary>The pictures by id, the last of each.</summary>
    public static IReadOnlyCollection<ImageEntry> Check(IReadOnlyCollection<ImageEntry> images, EmbeddingModel model)
    {
        ArgumentNullException.ThrowIfNull(images);
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

    /// <summary>Whether a store can have such an id. DuckDB would read it up to a zero character only, and PostgreSQL has no text with one.</summary>
    public static bool CanBeId(string id) => id.Length > 0 && !id.Contains('\0');

    public static void CheckVector(ReadOnlySpan<float> vector, EmbeddingModel model, string name, string parameter)
    {
        if (vector.Length != model.Dimensions)
            throw new ArgumentException($"The embedding of {name} has {vector.Length} numbers; expected {model.Dimensions}, as {model.Id} gives.", parameter);
        // Not finite too if a number is not.
        var length = TensorPrimitives.SumOfSquares(vector);
        if (!float.IsFinite(length)) throw new ArgumentException($"The embedding of {name} has numbers that are not finite, or too large.", parameter);
        if (length < LeastSquare) throw new ArgumentException($"The embedding of {name} has only zeros, which have no direction.", parameter);
    }
}
