using AltClip.Imaging;

namespace AltClip.Tests;

/// <summary>The resampler one channel of one pixel at a time: what the vectorised one must equal, and is timed against.</summary>
internal static class ScalarResampler
{
    private const int PixelBytes = PillowResampler.PixelBytes;
    private const int Channels = 3;

    /// <summary>Resizes upright pixels of four bytes; the fourth is left alone.</summary>
    public static byte[] Resize(ReadOnlySpan<byte> pixels, int width, ResampleAxis rows, ResampleAxis columns)
    {
        var height = rows.End - rows.First;
        var mixed = new byte[height * columns.Count * PixelBytes];
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice((rows.First + y) * width * PixelBytes, width * PixelBytes);
            for (var x = 0; x < columns.Count; x++)
                Mix(row[(columns.Starts[x] * PixelBytes)..], PixelBytes, mixed.AsSpan((y * columns.Count + x) * PixelBytes), columns, x);
        }
        var result = new byte[rows.Count * columns.Count * PixelBytes];
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < columns.Count; x++)
            {
                var source = mixed.AsSpan(((rows.Starts[y] - rows.First) * columns.Count + x) * PixelBytes);
                Mix(source, columns.Count * PixelBytes, result.AsSpan((y * columns.Count + x) * PixelBytes), rows, y);
            }
        }
        return result;
    }

    private static void Mix(ReadOnlySpan<byte> source, int step, Span<byte> result, ResampleAxis axis, int index)
    {
        if (axis.Taps == 0)
        {
            source[..Channels].CopyTo(result);
            return;
        }
        var weights = axis.Weights.AsSpan(index * axis.Taps, axis.Lengths[index]);
        const int Half = 1 << (ResampleAxis.PrecisionBits - 1);
        var (red, green, blue) = (Half, Half, Half);
        for (var (k, offset) = (0, 0); k < weights.Length; k++, offset += step)
        {
            red += source[offset] * weights[k];
            green += source[offset + 1] * weights[k];
            blue += source[offset + 2] * weights[k];
        }
        result[0] = (byte)Math.Clamp(red >> ResampleAxis.PrecisionBits, 0, 255);
        result[1] = (byte)Math.Clamp(green >> ResampleAxis.PrecisionBits, 0, 255);
        result[2] = (byte)Math.Clamp(blue >> ResampleAxis.PrecisionBits, 0, 255);
    }
}
