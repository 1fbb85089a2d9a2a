namespace AltClip.Imaging;

/// <summary>
/// The size a picture is brought to: either its shorter edge, which keeps the proportions, or both edges.
/// </summary>
/// <remarks>In JSON <c>{"shortest_edge": 224}</c> or <c>{"height": 224, "width": 224}</c>.</remarks>
public sealed record ImageSize
{
    private ImageSize(int? shortestEdge, int? height, int? width) => (ShortestEdge, Height, Width) = (shortestEdge, height, width);

    /// <summary>The length of the shorter edge in pixels, or null if both edges are given.</summary>
    public int? ShortestEdge { get; }

    /// <summary>The height in pixels, or null if the shorter edge is given.</summary>
    public int? Height { get; }

    /// <summary>The width in pixels, or null if the shorter edge is given.</summary>
    public int? Width { get; }

    /// <summary>A size by the shorter edge; the longer one follows from the picture's proportions, rounded down.</summary>
    /// <param name="edge">The shorter edge in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public static ImageSize Shortest(int edge)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(edge);
        return new(edge, null, null);
    }

    /// <summary>A size by both edges, whatever the picture's proportions.</summary>
    /// <param name="height">The height in pixels.</param>
    /// <param name="width">The width in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not positive.</exception>
    public static ImageSize Exactly(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return new(null, height, width);
    }

    /// <inheritdoc/>
    public override string ToString() => ShortestEdge is { } edge ? $"shortest edge {edge}" : $"{Height} x {Width}";
}
