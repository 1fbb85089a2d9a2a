namespace AltClip.Imaging;

/// <summary>Lays pictures with alpha on a colour.</summary>
internal static unsafe class AlphaBackground
{
    /// <summary>Blends as Pillow's <c>Image.paste</c> with the alpha channel as its mask rounds.</summary>
    /// <param name="background">The colour under the picture.</param>
    /// <param name="source">Pixels of red, green, blue and alpha.</param>
    /// <param name="result">Where the pixels go; may be the source.</param>
    /// <param name="count">The number of pixels.</param>
    public static void LayOn(RgbColor background, byte* source, byte* result, long count)
    {
        for (; count > 0; count--, source += PillowResampler.PixelBytes, result += PillowResampler.PixelBytes)
        {
            var alpha = source[3];
            result[0] = Blend(source[0], background.R, alpha);
            result[1] = Blend(source[1], background.G, alpha);
            result[2] = Blend(source[2], background.B, alpha);
        }

        static byte Blend(int over, int under, int alpha)
        {
            var sum = over * alpha + under * (255 - alpha) + 128;
            return (byte)((sum + (sum >> 8)) >> 8);
        }
    }
}
