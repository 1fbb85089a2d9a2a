using System.Runtime.CompilerServices;

namespace AltClip.Imaging;

/// <summary>Pixels that a caller handed over, in the layout the resampler reads.</summary>
internal sealed unsafe class ImagePixels
{
    /// <summary>The most pixels there is room for in an array.</summary>
    public const int MaxCount = (int.MaxValue - PillowResampler.Slack) / PillowResampler.PixelBytes - 64;

    // Pinned, so that a pointer holds for as long as this object does.
    private readonly byte[] _rgba;

    private ImagePixels(int width, int height, PixelFormat format)
    {
        _rgba = GC.AllocateUninitializedArray<byte>(width * height * PillowResampler.PixelBytes + PillowResampler.Slack, pinned: true);
        (Width, Height) = (width, height);
        IsRgb = format == PixelFormat.Rgb24;
        HasAlpha = format is PixelFormat.Rgba32 or PixelFormat.Bgra32;
    }

    public int Width { get; }

    public int Height { get; }

    public bool IsRgb { get; }

    public bool HasAlpha { get; }

    public byte* Memory => (byte*)Unsafe.AsPointer(ref _rgba[0]);

    public static ImagePixels Copy(ReadOnlySpan<byte> rows, int width, int height, PixelFormat format, int stride)
    {
        var result = new ImagePixels(width, height, format);
        var size = BytesPerPixel(format);
        for (var y = 0; y < height; y++)
        {
            var source = rows.Slice((int)((long)y * stride), width * size);
            CopyRow(source, result._rgba.AsSpan(y * width * PillowResampler.PixelBytes, width * PillowResampler.PixelBytes), format);
        }
        return result;
    }

    public static ImagePixels Copy(RgbImage image)
    {
        var result = new ImagePixels(image.Width, image.Height, PixelFormat.Rgb24);
        image.Pixels.CopyTo(result._rgba);
        return result;
    }

    public static int BytesPerPixel(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a pixel format."),
    };

    private static void CopyRow(ReadOnlySpan<byte> source, Span<byte> rgba, PixelFormat format)
    {
        if (format == PixelFormat.Rgba32)
        {
            source.CopyTo(rgba);
            return;
        }
        var size = BytesPerPixel(format);
        var (red, green, blue) = format switch
        {
            PixelFormat.Gray8 => (0, 0, 0),
            PixelFormat.Bgra32 => (2, 1, 0),
            _ => (0, 1, 2),
        };
        for (var (from, to) = (0, 0); to < rgba.Length; from += size, to += PillowResampler.PixelBytes)
        {
            rgba[to] = source[from + red];
            rgba[to + 1] = source[from + green];
            rgba[to + 2] = source[from + blue];
            rgba[to + 3] = size == PillowResampler.PixelBytes ? source[from + 3] : byte.MaxValue;
        }
    }
}
