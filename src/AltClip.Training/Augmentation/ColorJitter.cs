using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// Changes brightness, contrast, saturation and hue, in a random order, as torchvision's <c>ColorJitter</c> does to Pillow's pictures.
/// </summary>
public sealed class ColorJitter : IImageAugmentation
{
    /// <summary>A factor from max(0, 1 - this) to 1 + this; 0 leaves it alone.</summary>
    public double Brightness { get; init => field = AugmentationCheck.From(0, value); }

    /// <summary>A factor from max(0, 1 - this) to 1 + this; 0 leaves it alone.</summary>
    public double Contrast { get; init => field = AugmentationCheck.From(0, value); }

    /// <summary>A factor from max(0, 1 - this) to 1 + this; 0 leaves it alone.</summary>
    public double Saturation { get; init => field = AugmentationCheck.From(0, value); }

    /// <summary>A part of the colour circle from minus this to this, at most 0.5; 0 leaves it alone.</summary>
    public double Hue { get; init => field = AugmentationCheck.Within(0, 0.5, value); }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        var (brightness, contrast, saturation) = (Factor(Brightness, random), Factor(Contrast, random), Factor(Saturation, random));
        var hue = random.Uniform((-Hue, Hue));
        foreach (var change in order)
        {
            if (change == 0 && Brightness > 0) ColorOperations.Brightness(image.Pixels, brightness);
            if (change == 1 && Contrast > 0) ColorOperations.Contrast(image.Pixels, contrast);
            if (change == 2 && Saturation > 0) ColorOperations.Saturation(image.Pixels, saturation);
            if (change == 3 && Hue > 0) ColorOperations.Hue(image.Pixels, hue);
        }
        return image;
    }

    private static float Factor(double strength, Random random) => (float)random.Uniform((Math.Max(0, 1 - strength), 1 + strength));
}
