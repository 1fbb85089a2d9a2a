using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// A random change of a picture, made while training so that the model never sees the same picture twice. Those of this library have the
/// names, parameters and defaults of torchvision's transforms. Safe to use from several threads.
/// </summary>
/// <remarks>
/// An augmentation of one's own must draw all its random numbers from the generator handed in; a run then repeats exactly.
/// </remarks>
public interface IImageAugmentation
{
    /// <summary>Changes a picture.</summary>
    /// <param name="image">
    /// The picture. It may be changed in place, so use only what is returned; pass a <see cref="RgbImage.Clone"/> to keep it.
    /// </param>
    /// <param name="random">Where all random numbers come from; <see cref="SeededRandom"/> gives each example its own.</param>
    /// <returns>The changed picture: the same object, or another.</returns>
    RgbImage Apply(RgbImage image, Random random);
}
