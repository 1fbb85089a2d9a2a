using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// Changes of colour with the numbers that Pillow's <c>ImageEnhance</c> and torchvision's <c>adjust_hue</c> give, on pixels of four bytes.
/// </summary>
internal static class ColorOperations
{
    /// <summary>Blends with black.</summary>
    public static void Brightness(Span<byte> pixels, float factor) => BlendWith(0, pixels, factor);

    /// <summary>Blends with the mean grey.</summary>
    public static void Contrast(Span<byte> pixels, float factor)
    {
        long sum = 0;
        foreach (var pixel in MemoryMarshal.Cast<byte, uint>(pixels)) sum += Gray(pixel);
        BlendWith((int)((double)sum / (pixels.Length / RgbImage.PixelBytes) + 0.5), pixels, factor);
    }

    /// <summary>Blends each pixel with its grey.</summary>
    public static void Saturation(Span<byte> pixels, float factor)
    {
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(pixels))
        {
            var gray = Vector128.Create((float)Gray(pixel));
            pixel = PixelVector.Store(gray + (PixelVector.Load(pixel) - gray) * factor);
        }
    }

    public static void Grayscale(Span<byte> pixels)
    {
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(pixels)) pixel = Gray(pixel) * 0x010101;
    }

    /// <summary>Turns the colour circle, by way of Pillow's HSV of eight bits a channel.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="shift">By how much of the circle, -0.5 to 0.5.</param>
    public static void Hue(Span<byte> pixels, double shift)
    {
        var step = (byte)(int)(shift * 255);
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(pixels))
        {
            var (hue, saturation, value) = HsvColor.FromRgb((byte)pixel, (byte)(pixel >> 8), (byte)(pixel >> 16));
            pixel = HsvColor.ToRgb((byte)(hue + step), saturation, value);
        }
    }

    private static void BlendWith(int other, Span<byte> values, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (var value = 0; value < table.Length; value++) table[value] = (byte)Blend(other, value, factor);
        foreach (ref var value in values) value = table[value];
    }

    private static uint Blend(int from, int to, float factor) => (uint)Math.Clamp(from + factor * (to - from), 0, 255);

    private static uint Gray(uint pixel) => ((byte)pixel * 19595u + (byte)(pixel >> 8) * 38470u + (byte)(pixel >> 16) * 7471u + 0x8000) >> 16;
}
