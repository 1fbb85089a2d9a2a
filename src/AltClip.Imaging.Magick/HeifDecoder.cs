using System.Buffers.Binary;
using AltClip.Imaging.Formats;
using ImageMagick;

namespace AltClip.Imaging.Magick;

/// <summary>The two formats in boxes of HEIF, which differ in how their pixels are coded.</summary>
internal sealed class HeifDecoder : IImageDecoder
{
    private readonly MagickReader _reader;
    private readonly MagickFormat _format;
    private readonly string _chroma;
    private readonly Func<ReadOnlySpan<byte>, bool> _recognizes;

    private HeifDecoder(MagickReader reader, MagickFormat format, string chroma, Func<ReadOnlySpan<byte>, bool> recognizes, params string[] extensions)
    {
        (_reader, _format, _chroma, _recognizes) = (reader, format, chroma, recognizes);
        (Name, Extensions) = (format.ToString().ToUpperInvariant(), extensions);
    }

    /// <summary>HEIC, as phones write it. Halved colours are enlarged as pillow-heif does it.</summary>
    public static HeifDecoder Heic(MagickReader reader) => new(reader, MagickFormat.Heic, "nearest-neighbor", HeifBrands.IsHeic, ".heic", ".heif");

    /// <summary>AVIF, as browsers take it. Halved colours are enlarged as Pillow does it.</summary>
    public static HeifDecoder Avif(MagickReader reader) => new(reader, MagickFormat.Avif, "bilinear", HeifBrands.IsAvif, ".avif");

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; }

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => _recognizes(file);

    /// <inheritdoc/>
    public ImageInfo? ReadInfo(ReadOnlySpan<byte> file) => Header(file);

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> file, ImageProcessingOptions options) =>
        // How the picture is turned is in its boxes, and done by the decoder. EXIF says it once more, for those who don't.
        _reader.Read(file, _format, Header(file), ("chroma-upsampling", _chroma), options);

    // A picture may be made of tiles and have a preview, each with its size: the largest is the picture's.
    private static ImageInfo Header(ReadOnlySpan<byte> file)
    {
        var rest = Properties(file);
        var largest = new ImageInfo(0, 0, IsRgb: rest.IndexOf(":aux"u8) < 0);
        for (int at; (at = rest.IndexOf("ispe"u8)) >= 0 && rest.Length >= at + 16; rest = rest[(at + 4)..])
        {
            var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(rest[(at + 8)..]), BinaryPrimitives.ReadUInt32BigEndian(rest[(at + 12)..]));
            if (width <= int.MaxValue && height <= int.MaxValue && (ulong)width * height > (ulong)largest.Width * (ulong)largest.Height)
                largest = largest with { Width = (int)width, Height = (int)height };
        }
        return largest.Width > 0 ? largest : throw new InvalidDataException("it says nothing of its size.");
    }

    // The box that tells of the items, without their pixels.
    private static ReadOnlySpan<byte> Properties(ReadOnlySpan<byte> file)
    {
        while (file.Length >= 8)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file), file.Length);
            if (file[4..].StartsWith("meta"u8))
                return length < 8 ? file : file[..length];
            if (length < 8)
                break;
            file = file[length..];
        }
        return default;
    }
}
