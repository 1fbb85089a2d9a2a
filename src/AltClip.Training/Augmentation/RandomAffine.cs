using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// Turns, shifts, scales and shears a picture about its centre, as torchvision's <c>RandomAffine</c> does to Pillow's pictures.
/// </summary>
public sealed class RandomAffine : IImageAugmentation
{
    /// <summary>The angle in degrees, clockwise.</summary>
    public (double Min, double Max) Degrees { get; init => field = AugmentationCheck.Range(-3600, 3600, value); }

    /// <summary>The most that is shifted to either side, in parts of the width and of the height, 0 to 1.</summary>
    public (double Horizontal, double Vertical) Translate
    {
        get;
        init => field = (AugmentationCheck.Within(0, 1, value.Horizontal), AugmentationCheck.Within(0, 1, value.Vertical));
    }

    /// <summary>The factor by which the picture grows.</summary>
    public (double Min, double Max) Scale { get; init => field = AugmentationCheck.Range(1e-3, 1e3, value); } = (1, 1);

    /// <summary>The shear along the horizontal axis in degrees, below 90.</summary>
    public (double Min, double Max) Shear { get; init => field = AugmentationCheck.Range(-89, 89, value); }

    /// <summary>How pixels are made: <see cref="Resampling.Nearest"/> or <see cref="Resampling.Bilinear"/>.</summary>
    public Resampling Interpolation
    {
        get;
        init => field = value is Resampling.Nearest or Resampling.Bilinear ? value
            : throw new ArgumentException($"Interpolation is {value}; expected Nearest or Bilinear.", nameof(Interpolation));
    }

    /// <summary>The colour of what comes from outside the picture; null for that of its upper left pixel.</summary>
    public RgbColor? Fill { get; init; } = default(RgbColor);

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        var angle = random.Uniform(Degrees);
        var (mostX, mostY) = (Translate.Horizontal * image.Width, Translate.Vertical * image.Height);
        var (shiftX, shiftY) = (Math.Round(random.Uniform((-mostX, mostX))), Math.Round(random.Uniform((-mostY, mostY))));
        var (scale, shear) = (random.Uniform(Scale), random.Uniform(Shear));
        if (angle == 0 && shiftX == 0 && shiftY == 0 && scale == 1 && shear == 0) return image;
        return Transform(image, AffineMatrix.Inverse(image.Width, image.Height, angle, shiftX, shiftY, scale, shear), Interpolation, Fill);
    }

    /// <summary>Makes each pixel of the result of the place of the picture that the matrix gives for its centre.</summary>
    internal static unsafe RgbImage Transform(RgbImage image, AffineMatrix matrix, Resampling interpolation, RgbColor? fill)
    {
        var (width, height) = (image.Width, image.Height);
        var result = new RgbImage(width, height);
        fixed (byte* source = image.PixelsAndSlack, target = result.PixelsAndSlack)
        {
            var outside = fill is { } color ? color.R | (uint)color.G << 8 | (uint)color.B << 16 : *(uint*)source;
            var to = (uint*)target;
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (fromX, fromY) = matrix.Apply(x + 0.5, y + 0.5);
                    *to++ = !(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) ? outside
                        : interpolation == Resampling.Nearest ? ((uint*)source)[(int)fromY * (long)width + (int)fromX]
                        : Bilinear((uint*)source, width, height, fromX - 0.5, fromY - 0.5);
                }
            }
        }
        return result;
    }

    private static unsafe uint Bilinear(uint* pixels, int width, int height, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (partX, partY) = ((float)(x - left), (float)(y - top));
        var (x0, x1) = (Math.Max(left, 0), Math.Min(left + 1, width - 1));
        var upper = pixels + (long)Math.Max(top, 0) * width;
        var lower = pixels + (long)Math.Min(top + 1, height - 1) * width;
        var over = Mix(PixelVector.Load(upper[x0]), PixelVector.Load(upper[x1]), partX);
        var under = Mix(PixelVector.Load(lower[x0]), PixelVector.Load(lower[x1]), partX);
        return PixelVector.Store(Mix(over, under, partY));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Mix(Vector128<float> from, Vector128<float> to, float part) => from + (to - from) * part;
}
