using System.Runtime.InteropServices;
using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>Mirrors a picture, left to right. Leave it out where captions say left and right, or pictures have writing.</summary>
public sealed class RandomHorizontalFlip : IImageAugmentation
{
    /// <summary>How often.</summary>
    /// <param name="p">The probability, 0 to 1.</param>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public RandomHorizontalFlip(double p = 0.5) => P = AugmentationCheck.Probability(p, nameof(p));

    /// <summary>How often a picture is mirrored.</summary>
    public double P { get; }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!random.Happens(P)) return image;
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        for (var y = 0; y < image.Height; y++) pixels.Slice(y * image.Width, image.Width).Reverse();
        return image;
    }
}
