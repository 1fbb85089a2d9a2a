using AltClip.Imaging.Formats;
using ImageMagick;

namespace AltClip.Imaging.Magick;

/// <summary>
/// TIFF, as scanners write it: the first page, to Pillow's pixels. Samples of 32 bits and planes of 16 bits are known to differ.
/// </summary>
internal sealed class TiffDecoder(MagickReader reader) : IImageDecoder
{
    private const int BlackIsZero = 1, Rgb = 2;
    private const int MostPixelBytes = 8;

    /// <inheritdoc/>
    public string Name => "TIFF";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".tif", ".tiff"];

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => TiffHeader.IsTiff(file) && !CameraRaw.IsRaw(file);

    /// <inheritdoc/>
    public ImageInfo? ReadInfo(ReadOnlySpan<byte> file) => Info(new(file.ToArray()));

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> file, ImageProcessingOptions options)
    {
        var copy = file.ToArray();
        var header = new TiffHeader(copy);
        if (options.AllowTruncated && header.MissingBytes is > 0 and var missing && missing <= Math.Min(options.MaxPixels * MostPixelBytes, int.MaxValue - copy.Length - 64))
        {
            Array.Resize(ref copy, copy.Length + (int)missing);
            header = new TiffHeader(copy);
        }
        var (info, orientation) = (Info(header), (int)header.Get(TiffTag.Orientation, 1));
        DoubleColorMap(header);
        var image = Samples16.Declared(header) is { } samples
            ? samples.Join(Read(copy, info with { Width = samples.DeclaredWidth }, options))
            : Read(copy, info, options);
        return options.ApplyExifOrientation ? image.Turned(ImageOrientation.FromExif(orientation)) : image;
    }

    private RgbImage Read(ReadOnlySpan<byte> file, ImageInfo info, ImageProcessingOptions options) =>
        // Photoshop keeps its layers in a tag, each a picture more to decode.
        reader.Read(file, MagickFormat.Tiff, info, ("ignore-layers", "true"), options);

    private static ImageInfo Info(TiffHeader header)
    {
        var (width, height) = (header.Get(TiffTag.ImageWidth, 0), header.Get(TiffTag.ImageLength, 0));
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue)
            throw new InvalidDataException($"it claims {width} x {height} pixels.");
        var isRgb = header.Get(TiffTag.PhotometricInterpretation, BlackIsZero) == Rgb && header.Get(TiffTag.SamplesPerPixel, 1) == 3;
        return new((int)width, (int)height, isRgb);
    }

    // A palette's colours have 16 bits. Pillow takes the upper ones, ImageMagick rounds: with both bytes equal they agree.
    private static void DoubleColorMap(TiffHeader header)
    {
        var colors = header.Values(TiffTag.ColorMap, out var size);
        if (size != 2)
            return;
        for (var i = 0; i + 1 < colors.Length; i += 2)
            colors[i] = colors[i + 1] = colors[header.IsBigEndian ? i : i + 1];
    }
}
