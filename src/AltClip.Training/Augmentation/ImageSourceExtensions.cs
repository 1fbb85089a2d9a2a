namespace AltClip.Training.Augmentation;

/// <summary>Pictures to be processed, augmented.</summary>
public static class ImageSourceExtensions
{
    /// <summary>The picture as an augmentation changes it once it is decoded: the same way each time it is processed.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="augmentation">The augmentation.</param>
    /// <param name="seeds">What its random numbers follow from, see <see cref="SeededRandom"/>.</param>
    public static ImageSource Augmented(this ImageSource source, IImageAugmentation augmentation, params ReadOnlySpan<long> seeds)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(augmentation);
        var kept = seeds.ToArray();
        return source.Changed(image => augmentation.Apply(image, new SeededRandom(kept)));
    }
}
