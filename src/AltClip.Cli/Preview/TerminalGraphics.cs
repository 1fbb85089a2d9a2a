using System.Globalization;
using System.Text;

namespace AltClip.Cli;

/// <summary>Pictures as terminals are told of them.</summary>
internal static class TerminalGraphics
{
    private const int KittyChunk = 4096;

    /// <summary>Kitty's protocol, in pieces as it demands.</summary>
    /// <param name="png">The picture's file.</param>
    /// <param name="lines">How many lines high it is shown.</param>
    public static string Kitty(byte[] png, int lines)
    {
        var (data, text) = (Convert.ToBase64String(png), new StringBuilder());
        for (var start = 0; start < data.Length; start += KittyChunk)
        {
            var part = data.AsSpan(start, Math.Min(KittyChunk, data.Length - start));
            var more = start + KittyChunk < data.Length ? 1 : 0;
            text.Append(start == 0 ? $"\e_Ga=T,f=100,q=2,r={lines},m={more};" : $"\e_Gm={more};").Append(part).Append("\e\\");
        }
        return text.ToString();
    }

    /// <summary>iTerm2's protocol.</summary>
    /// <inheritdoc cref="Kitty"/>
    public static string Iterm2(byte[] png, int lines) =>
        $"\e]1337;File=inline=1;size={png.Length};height={lines};preserveAspectRatio=1:{Convert.ToBase64String(png)}\a";

    /// <summary>Half blocks: the upper pixel is a character's colour, the lower one that of its ground.</summary>
    /// <param name="rgb">The pixels, three bytes each.</param>
    /// <param name="width">How many in a row.</param>
    /// <param name="height">How many rows.</param>
    /// <param name="trueColour">Whether colours are given as they are, or as the nearest of 216.</param>
    public static string Blocks(byte[] rgb, int width, int height, bool trueColour)
    {
        var text = new StringBuilder();
        for (var y = 0; y < height; y += 2)
        {
            for (var x = 0; x < width; x++)
            {
                text.Append(CultureInfo.InvariantCulture, $"\e[38;{Colour(x, y)}m");
                text.Append(y + 1 < height ? $"\e[48;{Colour(x, y + 1)}m" : "\e[49m").Append('▀');
            }
            text.Append("\e[0m\n");
        }
        return text.ToString();

        string Colour(int x, int y)
        {
            var (r, g, b) = (rgb[3 * (y * width + x)], rgb[3 * (y * width + x) + 1], rgb[3 * (y * width + x) + 2]);
            return trueColour ? $"2;{r};{g};{b}" : $"5;{16 + 36 * ColourCube.Step(r) + 6 * ColourCube.Step(g) + ColourCube.Step(b)}";
        }
    }
}
