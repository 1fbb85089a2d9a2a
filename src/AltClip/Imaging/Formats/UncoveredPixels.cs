namespace AltClip.Imaging.Formats;

/// <summary>Pixels that a file leaves alone.</summary>
internal static unsafe class UncoveredPixels
{
    /// <summary>Gives a colour to pixels that are still as transparent as memory was before decoding.</summary>
    public static void Fill(byte* pixels, long count, RgbColor color)
    {
        for (var pixel = pixels; count > 0; count--, pixel += PillowResampler.PixelBytes)
        {
            if (pixel[3] == 0)
                (pixel[0], pixel[1], pixel[2]) = (color.R, color.G, color.B);
        }
    }
}
