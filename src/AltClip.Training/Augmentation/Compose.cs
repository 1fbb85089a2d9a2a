using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>Augmentations one after another.</summary>
/// <example>
/// <code>
/// var augmentation = new Compose(
///     new RandomResizedCrop(224) { Scale = (0.9, 1) },
///     new RandomHorizontalFlip(),
///     new RandomApply(0.8, new ColorJitter { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }),
///     new RandomGrayscale(0.2));
/// var image = augmentation.Apply(RgbImage.Decode(ImageSource.FromFile("cat.jpg")), new SeededRandom(seed, epoch, index));
/// </code>
/// </example>
public sealed class Compose : IImageAugmentation
{
    private readonly IImageAugmentation[] _transforms;

    /// <summary>Joins augmentations; none leave a picture as it is.</summary>
    /// <param name="transforms">The augmentations, the first one first.</param>
    /// <exception cref="ArgumentException">One is null.</exception>
    public Compose(params IEnumerable<IImageAugmentation> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        _transforms = [.. transforms];
        var missing = Array.IndexOf(_transforms, null);
        if (missing >= 0) throw new ArgumentException($"transforms[{missing}] is null.", nameof(transforms));
    }

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        foreach (var transform in _transforms) image = transform.Apply(image, random);
        return image;
    }
}
