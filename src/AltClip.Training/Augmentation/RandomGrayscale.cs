using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>Takes the colour out of a picture, with the weights of Pillow's <c>convert("L")</c> (ITU-R 601-2).</summary>
public sealed class RandomGrayscale : IImageAugmentation
{
    /// <summary>How often.</summary>
    /// <param name="p">The probability, 0 to 1.</param>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public RandomGrayscale(double p = 0.1) => P = AugmentationCheck.Probability(p, nameof(p));

    /// <summary>How often a picture loses its colours.</summary>
    public double P { get; }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (random.Happens(P)) ColorOperations.Grayscale(image.Pixels);
        return image;
    }
}
