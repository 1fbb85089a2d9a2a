namespace AltClip.Imaging;

/// <summary>A decoded picture, eight bits a channel, that augmentations work on.</summary>
public sealed unsafe class RgbImage
{
    /// <summary>The bytes of a pixel.</summary>
    internal const int PixelBytes = PillowResampler.PixelBytes;

    private readonly byte[] _pixels;

    /// <summary>A picture whose pixels are still to be set.</summary>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not positive, or there are too many pixels.</exception>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, ImagePixels.MaxCount, nameof(width));
        (Width, Height) = (width, height);
        _pixels = GC.AllocateUninitializedArray<byte>(width * height * PixelBytes + PillowResampler.Slack);
    }

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The rows, top to bottom, without gaps. A pixel is four bytes: red, green, blue, and one that means nothing.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Width * Height * PixelBytes);

    /// <summary>The pixels with <see cref="PillowResampler.Slack"/> readable and writable bytes behind them.</summary>
    internal Span<byte> PixelsAndSlack => _pixels;

    /// <summary>Reads and decodes a picture, upright and whole.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="options">Orientation, background, limits; null for the defaults.</param>
    /// <exception cref="ImageException">The picture is no picture, corrupt, truncated or too large; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static RgbImage Decode(ImageSource source, ImageProcessingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var workspace = new ImageWorkspace();
        return Decode(source, options ?? new(), convertRgb: true, workspace);
    }

    /// <inheritdoc cref="Decode(ImageSource, ImageProcessingOptions?)"/>
    internal static RgbImage Decode(ImageSource source, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        using var rows = ImageDecoder.Open(source, options, convertRgb, workspace);
        return Copy(rows);
    }

    /// <summary>A copy with pixels of its own.</summary>
    public RgbImage Clone()
    {
        var copy = new RgbImage(Width, Height);
        Pixels.CopyTo(copy.Pixels);
        return copy;
    }

    /// <summary>
    /// The picture for an image processor, or for <see cref="Decode(ImageSource, ImageProcessingOptions?)"/>; the pixels are copied.
    /// </summary>
    /// <param name="name">What errors call the picture.</param>
    public ImageSource ToSource(string name = "pixels") => ImageSource.FromRgb(this, name);

    /// <summary>The picture turned upright; itself where there is nothing to turn.</summary>
    internal RgbImage Turned(ImageOrientation orientation)
    {
        if (orientation == default)
            return this;
        fixed (byte* pixels = _pixels)
        {
            using var rows = new MemoryRows(pixels, Width, Height, orientation);
            return Copy(rows);
        }
    }

    private static RgbImage Copy(PixelRows rows)
    {
        const int RowsAtATime = 16;
        var image = new RgbImage(rows.UprightWidth, rows.UprightHeight);
        var (transposed, columnsMirrored, rowsMirrored) = rows.Orientation;
        fixed (byte* pixels = image._pixels)
        {
            var target = (uint*)pixels;
            var (stepX, stepY) = transposed ? ((long)image.Width, 1L) : (1L, image.Width);
            target += (columnsMirrored ? (rows.Width - 1) * stepX : 0) + (rowsMirrored ? (rows.Height - 1) * stepY : 0);
            (stepX, stepY) = (columnsMirrored ? -stepX : stepX, rowsMirrored ? -stepY : stepY);
            for (var first = 0; first < rows.Height; first += RowsAtATime)
            {
                var count = Math.Min(RowsAtATime, rows.Height - first);
                var source = (uint*)rows.Read(first, count);
                for (var y = first; y < first + count; y++, source += rows.Width)
                    CopyRow(source, rows.Width, target + y * stepY, stepX);
            }
        }
        rows.Complete();
        return image;
    }

    private static void CopyRow(uint* source, int width, uint* target, long step)
    {
        if (step == 1)
            new Span<uint>(source, width).CopyTo(new Span<uint>(target, width));
        else
            for (var x = 0; x < width; x++) target[x * step] = source[x];
    }
}
