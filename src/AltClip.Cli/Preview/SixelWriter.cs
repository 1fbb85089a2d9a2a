using System.Globalization;
using System.Text;

namespace AltClip.Cli;

/// <summary>Writes sixels: six rows at a time, one colour after the other, of 216 colours; what a pixel's colour lacks goes to its neighbours (Floyd and Steinberg).</summary>
internal static class SixelWriter
{
    private const int BandHeight = 6;
    private const char NoPixels = '?';

    /// <summary>Writes a picture.</summary>
    /// <param name="rgb">The pixels, three bytes each.</param>
    /// <param name="width">How many in a row.</param>
    /// <param name="height">How many rows.</param>
    public static string Write(byte[] rgb, int width, int height)
    {
        var colours = Dithered(rgb, width, height);
        var text = new StringBuilder($"\eP0;1q\"1;1;{width};{height}");
        foreach (var colour in colours.Distinct().Order())
        {
            var (r, g, b) = (colour / 36, colour / 6 % 6, colour % 6);
            text.Append(CultureInfo.InvariantCulture, $"#{colour};2;{Percent(r)};{Percent(g)};{Percent(b)}");
        }
        for (var top = 0; top < height; top += BandHeight) WriteBand(text, colours, width, top, Math.Min(BandHeight, height - top));
        return text.Append("\e\\").ToString();
    }

    private static void WriteBand(StringBuilder text, byte[] colours, int width, int top, int rows)
    {
        foreach (var colour in colours.Skip(top * width).Take(rows * width).Distinct().Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"#{colour}");
            var (last, count) = ('\0', 0);
            for (var x = 0; x < width; x++)
            {
                var bits = 0;
                for (var y = 0; y < rows; y++)
                    if (colours[(top + y) * width + x] == colour) bits |= 1 << y;
                var sixel = (char)(NoPixels + bits);
                if (sixel != last)
                {
                    Repeat(text, last, count);
                    (last, count) = (sixel, 0);
                }
                count++;
            }
            if (last != NoPixels) Repeat(text, last, count);
            text.Append('$'); // back to the band's beginning
        }
        text.Append('-');
    }

    private static void Repeat(StringBuilder text, char sixel, int count)
    {
        if (count > 3) text.Append(CultureInfo.InvariantCulture, $"!{count}{sixel}");
        else text.Append(sixel, count);
    }

    private static byte[] Dithered(byte[] rgb, int width, int height)
    {
        var (wanted, colours) = (Array.ConvertAll(rgb, value => (float)value), new byte[width * height]);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var colour = 0;
                for (var channel = 0; channel < 3; channel++)
                {
                    var value = wanted[3 * (y * width + x) + channel];
                    var step = ColourCube.Step((int)Math.Clamp(value, 0, 255));
                    colour = 6 * colour + step;
                    var rest = value - ColourCube.Levels[step];
                    Give(x + 1, y, channel, rest * 7 / 16);
                    Give(x - 1, y + 1, channel, rest * 3 / 16);
                    Give(x, y + 1, channel, rest * 5 / 16);
                    Give(x + 1, y + 1, channel, rest / 16);
                }
                colours[y * width + x] = (byte)colour;
            }
        }
        return colours;

        void Give(int x, int y, int channel, float rest)
        {
            if (x >= 0 && x < width && y < height) wanted[3 * (y * width + x) + channel] += rest;
        }
    }

    private static int Percent(int step) => (int)Math.Round(ColourCube.Levels[step] / 2.55);
}
