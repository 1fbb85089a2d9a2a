using System.Buffers;
using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// Takes a random part of a picture and brings it to a size, as torchvision's <c>RandomResizedCrop</c> does to Pillow's pictures.
/// </summary>
public sealed unsafe class RandomResizedCrop : IImageAugmentation
{
    private const int Attempts = 10;

    /// <summary>Crops to a square.</summary>
    /// <param name="size">The length of its edges in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public RandomResizedCrop(int size) : this(size, size)
    {
    }

    /// <summary>Crops to a rectangle.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not positive.</exception>
    public RandomResizedCrop(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (Height, Width) = (height, width);
    }

    /// <summary>The height of the result in pixels.</summary>
    public int Height { get; }

    /// <summary>The width of the result in pixels.</summary>
    public int Width { get; }

    /// <summary>How much of the picture's area is taken; OpenCLIP trains with (0.9, 1).</summary>
    public (double Min, double Max) Scale { get; init => field = AugmentationCheck.Range(double.Epsilon, 1, value); } = (0.08, 1);

    /// <summary>Width by height of the part taken.</summary>
    public (double Min, double Max) Ratio { get; init => field = AugmentationCheck.Range(1e-3, 1e3, value); } = (3.0 / 4, 4.0 / 3);

    /// <summary>The filter; CLIP's is <see cref="Resampling.Bicubic"/>.</summary>
    public Resampling Interpolation { get; init; } = Resampling.Bilinear;

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (top, left, height, width) = Part(image.Height, image.Width, random);
        return Resize(image, top, left, height, width);
    }

    /// <summary>The part of a picture to take.</summary>
    internal (int Top, int Left, int Height, int Width) Part(int height, int width, Random random)
    {
        for (var i = 0; i < Attempts; i++)
        {
            var area = (double)height * width * random.Uniform(Scale);
            var ratio = Math.Exp(random.Uniform((Math.Log(Ratio.Min), Math.Log(Ratio.Max))));
            var (w, h) = (Math.Round(Math.Sqrt(area * ratio)), Math.Round(Math.Sqrt(area / ratio)));
            if (w > 0 && w <= width && h > 0 && h <= height)
                return (random.Next(height - (int)h + 1), random.Next(width - (int)w + 1), (int)h, (int)w);
        }
        // No part of that shape fits: the middle, as near to the shape as it goes.
        var whole = (double)width / height;
        var (middleWidth, middleHeight) = whole < Ratio.Min ? (width, (int)Math.Round(width / Ratio.Min))
            : whole > Ratio.Max ? ((int)Math.Round(height * Ratio.Max), height)
            : (width, height);
        (middleWidth, middleHeight) = (Math.Clamp(middleWidth, 1, width), Math.Clamp(middleHeight, 1, height));
        return ((height - middleHeight) / 2, (width - middleWidth) / 2, middleHeight, middleWidth);
    }

    /// <summary>A part of a picture, brought to the size.</summary>
    internal RgbImage Resize(RgbImage image, int top, int left, int height, int width)
    {
        var columns = ResampleAxis.Create(width, Width, Interpolation, 0, Width, mirrored: false);
        var rows = ResampleAxis.Create(height, Height, Interpolation, 0, Height, mirrored: false);
        var (sourceStride, stride) = ((long)image.Width * RgbImage.PixelBytes, (long)Width * RgbImage.PixelBytes);
        var mixed = ArrayPool<byte>.Shared.Rent(checked((int)(stride * height) + PillowResampler.Slack));
        var result = new RgbImage(Width, Height);
        fixed (byte* source = image.PixelsAndSlack, middle = mixed, target = result.PixelsAndSlack)
        {
            PillowResampler.MixColumns(
                source + top * sourceStride + left * RgbImage.PixelBytes, sourceStride, middle, stride, height, columns);
            for (var y = 0; y < Height; y++)
                PillowResampler.MixRows(middle + rows.Starts[y] * stride, stride, target + y * stride, stride, rows, y);
        }
        ArrayPool<byte>.Shared.Return(mixed);
        return result;
    }
}
