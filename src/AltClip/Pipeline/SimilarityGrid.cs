using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Pipeline;

/// <summary>How well each of some texts fits each of some pictures. Notebooks show it as a table with the pictures at its head.</summary>
/// <example>
/// <code>
/// var grid = new SimilarityGrid(texts, pictures, pipeline.Similarity(texts, pictures));
/// </code>
/// </example>
[TypeFormatterSource(typeof(SimilarityGridView))]
public sealed class SimilarityGrid
{
    /// <summary>Joins similarities with what was compared.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="similarities">Cosine similarities, [texts, pictures], as <see cref="AltCLIPPipeline.Similarity"/> gives them.</param>
    /// <exception cref="ArgumentException">There are no texts or no pictures, or the similarities are of another size.</exception>
    public SimilarityGrid(IReadOnlyList<string> texts, IReadOnlyList<ImageSource> images, float[,] similarities)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(similarities);
        if (texts.Count == 0) throw new ArgumentException("There are no texts.", nameof(texts));
        if (images.Count == 0) throw new ArgumentException("There are no pictures.", nameof(images));
        var (rows, columns) = (similarities.GetLength(0), similarities.GetLength(1));
        if (rows != texts.Count || columns != images.Count)
            throw new ArgumentException($"Expected [{texts.Count}, {images.Count}] similarities; found [{rows}, {columns}].", nameof(similarities));
        (Texts, Images, Similarities) = ([.. texts], [.. images], (float[,])similarities.Clone());
    }

    /// <summary>The texts, a row each.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The pictures, a column each.</summary>
    public IReadOnlyList<ImageSource> Images { get; }

    /// <summary>The cosine similarities, -1 to 1: [texts, pictures].</summary>
    public float[,] Similarities { get; }
}
