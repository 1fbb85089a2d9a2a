using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>Applies augmentations, all or none of them, with a probability.</summary>
public sealed class RandomApply : IImageAugmentation
{
    private readonly Compose _transforms;

    /// <summary>Joins augmentations.</summary>
    /// <param name="p">How often they are applied, 0 to 1; torchvision's default is 0.5.</param>
    /// <param name="transforms">The augmentations, the first one first.</param>
    /// <exception cref="ArgumentException">The probability is out of range, or an augmentation is null.</exception>
    public RandomApply(double p, params IEnumerable<IImageAugmentation> transforms)
    {
        P = AugmentationCheck.Probability(p, nameof(p));
        _transforms = new Compose(transforms);
    }

    /// <summary>How often they are applied.</summary>
    public double P { get; }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random) => random.Happens(P) ? _transforms.Apply(image, random) : image;
}
