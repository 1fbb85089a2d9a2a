namespace AltClip.Imaging;

/// <summary>
/// A picture's rows, top to bottom as they are stored. A pixel is four bytes: red, green, blue and one that means nothing any more.
/// </summary>
internal abstract unsafe class PixelRows(int width, int height, ImageOrientation orientation) : IDisposable
{
    /// <summary>The width as stored, in pixels.</summary>
    public int Width { get; } = width;

    /// <summary>The height as stored, in pixels.</summary>
    public int Height { get; } = height;

    /// <summary>How the rows have to be turned.</summary>
    public ImageOrientation Orientation { get; } = orientation;

    /// <summary>The width of the upright picture.</summary>
    public int UprightWidth => Orientation.Transposed ? Height : Width;

    /// <summary>The height of the upright picture.</summary>
    public int UprightHeight => Orientation.Transposed ? Width : Height;

    /// <summary>The distance of two rows in bytes.</summary>
    public long Stride => (long)Width * PillowResampler.PixelBytes;

    /// <summary>
    /// Rows one after another, with <see cref="PillowResampler.Slack"/> readable bytes behind them; valid until the next call.
    /// </summary>
    /// <param name="first">The first row; never one before the last call's.</param>
    /// <param name="count">The number of rows.</param>
    /// <exception cref="ImageException">The file is truncated.</exception>
    public abstract byte* Read(int first, int count);

    /// <summary>Decodes the rows that nobody asked for, so that whether a file is whole does not depend on the crop.</summary>
    /// <exception cref="ImageException">The file is truncated.</exception>
    public virtual void Complete()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Rows that are all in memory.</summary>
internal sealed unsafe class MemoryRows(byte* pixels, int width, int height, ImageOrientation orientation)
    : PixelRows(width, height, orientation)
{
    /// <summary>The rows of a decoded picture, copied into the workspace.</summary>
    public static MemoryRows Copy(RgbImage image, ImageWorkspace workspace)
    {
        var memory = workspace.Rows.Reserve(image.Pixels.Length);
        image.Pixels.CopyTo(new Span<byte>(memory, image.Pixels.Length));
        return new MemoryRows(memory, image.Width, image.Height, orientation: default);
    }

    public override byte* Read(int first, int count) => pixels + first * Stride;
}
