using AltClip.Imaging;
using SkiaSharp;

namespace AltClip.Training.Augmentation;

/// <summary>Compresses a picture as a JPEG of random quality and decodes it again, as torchvision's <c>v2.JPEG</c> does.</summary>
public sealed unsafe class Jpeg : IImageAugmentation
{
    private static readonly ImageProcessingOptions Options = new();

    /// <summary>Compresses within a range of qualities.</summary>
    /// <param name="minQuality">The least, 1 to 100.</param>
    /// <param name="maxQuality">The most, 1 to 100.</param>
    /// <exception cref="ArgumentException">The range is not in order or not within 1 to 100.</exception>
    public Jpeg(int minQuality, int maxQuality)
    {
        AugmentationCheck.Range(1, 100, (minQuality, maxQuality), nameof(minQuality));
        Quality = (minQuality, maxQuality);
    }

    /// <summary>The qualities, both ends included.</summary>
    public (int Min, int Max) Quality { get; }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        var quality = random.Next(Quality.Min, Quality.Max + 1);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var encoding = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore);
        fixed (byte* pixels = image.PixelsAndSlack)
        {
            using var pixmap = new SKPixmap(info, (nint)pixels);
            using var encoded = pixmap.Encode(encoding) ?? throw new InvalidOperationException(
                $"A picture of {image.Width} x {image.Height} pixels can't be a JPEG, whose edges have at most 65,535.");
            return RgbImage.Decode(ImageSource.FromBytes(encoded.ToArray()), Options);
        }
    }
}
