using AltClip.Imaging;
using AltClip.Imaging.Formats;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace AltClip.ImageSharp;

/// <summary>Decodes a format of the library by ImageSharp.</summary>
internal sealed unsafe class ImageSharpDecoder(IImageFormat format, SixLabors.ImageSharp.Formats.IImageDecoder decoder) : IImageDecoder
{
    /// <inheritdoc/>
    public string Name => format.Name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => format.Extensions;

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => format.Recognizes(file);

    /// <inheritdoc/>
    public ImageInfo? ReadInfo(ReadOnlySpan<byte> file)
    {
        using var stream = new MemoryStream(file.ToArray());
        return Image.Identify(stream) is { } info ? new ImageInfo(info.Width, info.Height, info.PixelType.BitsPerPixel == 24) : null;
    }

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> file, ImageProcessingOptions options)
    {
        if (FileEnd.IsMissing(format.Name, file)) throw new InvalidDataException("it is truncated: the file ends before its picture does.");
        using var image = Image.Load<Rgba32>(file, decoder);
        var result = new RgbImage(image.Width, image.Height);
        image.CopyPixelDataTo(result.Pixels);
        if (options.Background is { } background)
        {
            fixed (byte* pixels = result.Pixels)
                AlphaBackground.LayOn(background, pixels, pixels, (long)result.Width * result.Height);
        }
        var orientation = image.Metadata.ExifProfile?.GetValue(ExifTag.Orientation)?.Value ?? 1;
        return options.ApplyExifOrientation ? result.Turned(ImageOrientation.FromExif(orientation)) : result;
    }
}
