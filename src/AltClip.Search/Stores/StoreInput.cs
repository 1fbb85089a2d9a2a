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
            if (image.Size < 0) throw new ArgumentException($"{image.Id} has a size of {image.Size} bytes.", nameof(images));
            RefuseZeroCharacters(image.Id, image.Id);
            foreach (var (name, value) in image.Metadata)
            {
                RefuseZeroCharacters(name, image.Id);
                RefuseZeroCharacters(value, image.Id);
            }
            CheckVector(image.Embedding.Span, model, image.Id, nameof(images));
            last[image.Id] = image;
        }
        return last.Values;
    }

    public static void CheckVector(ReadOnlySpan<float> vector, EmbeddingModel model, string name, string parameter)
    {
        if (vector.Length != model.Dimensions)
            throw new ArgumentException($"The embedding of {name} has {vector.Length} numbers; expected {model.Dimensions}, as {model.Id} gives.", parameter);
        // Not finite too if a number is not.
        var length = TensorPrimitives.SumOfSquares(vector);
        if (!float.IsFinite(length)) throw new ArgumentException($"The embedding of {name} has numbers that are not finite, or too large.", parameter);
        if (length < LeastSquare) throw new ArgumentException($"The embedding of {name} has only zeros, which have no direction.", parameter);
    }

    // PostgreSQL has no text with them.
    private static void RefuseZeroCharacters(string text, string id)
    {
        if (text.Contains('\0')) throw new ArgumentException($"{id.Replace('\0', '?')}: a text has a zero character.", "images");
    }
}
