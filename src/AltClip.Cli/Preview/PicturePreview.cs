using System.Runtime.InteropServices;
using AltClip.Imaging;
using SkiaSharp;

namespace AltClip.Cli;

/// <summary>Draws a picture in so many lines of a terminal.</summary>
/// <param name="protocol">How the terminal is shown pictures.</param>
/// <param name="rows">How many lines high it is at most.</param>
/// <param name="columns">How many characters wide it is at most.</param>
/// <param name="trueColour">Whether the terminal shows more than 256 colours, for blocks.</param>
internal sealed class PicturePreview(PictureProtocol protocol, int rows, int columns, bool trueColour)
{
    // What characters usually have.
    private const int CellWidth = 10, CellHeight = 20;

    private static readonly ImageProcessingOptions OnWhite = new() { Background = new(255, 255, 255) };

    /// <summary>What shows the picture to the terminal, with an end of line.</summary>
    /// <exception cref="ImageException">The picture can't be read.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public string Draw(string file)
    {
        using var picture = Read(file);
        var scale = Math.Min((double)rows * CellHeight / picture.Height, (double)columns * CellWidth / picture.Width);
        var (width, height) = (Math.Max(1, picture.Width * scale), Math.Max(1, picture.Height * scale));
        switch (protocol)
        {
            case PictureProtocol.Kitty:
                using (var small = Resized(picture, Math.Min(1, 2 * scale))) return TerminalGraphics.Kitty(Png(small), Lines(height)) + "\n";
            case PictureProtocol.Iterm2:
                using (var small = Resized(picture, Math.Min(1, 2 * scale))) return TerminalGraphics.Iterm2(Png(small), Lines(height)) + "\n";
            case PictureProtocol.Sixel:
                using (var small = Resized(picture, (int)width, (int)height)) return SixelWriter.Write(Rgb(small), small.Width, small.Height) + "\n";
            default:
                // A character is two pixels, one above the other, each about as wide as high.
                using (var small = Resized(picture, (int)Math.Max(1, width / CellWidth), (int)Math.Max(1, height / CellWidth)))
                    return TerminalGraphics.Blocks(Rgb(small), small.Width, small.Height, trueColour);
        }
    }

    private static int Lines(double height) => Math.Max(1, (int)Math.Round(height / CellHeight));

    private static SKBitmap Read(string file)
    {
        var picture = RgbImage.Decode(ImageSource.FromFile(file), OnWhite);
        var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        Marshal.Copy(picture.Pixels.ToArray(), 0, bitmap.GetPixels(), picture.Pixels.Length);
        return bitmap;
    }

    private static SKBitmap Resized(SKBitmap picture, double scale) =>
        Resized(picture, Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));

    private static SKBitmap Resized(SKBitmap picture, int width, int height) =>
        picture.Resize(new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));

    private static byte[] Png(SKBitmap picture)
    {
        using var data = picture.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    // Three bytes a pixel.
    private static byte[] Rgb(SKBitmap picture)
    {
        var (pixels, rgb) = (picture.Bytes, new byte[3 * picture.Width * picture.Height]);
        for (var i = 0; i < picture.Width * picture.Height; i++) pixels.AsSpan(4 * i, 3).CopyTo(rgb.AsSpan(3 * i));
        return rgb;
    }
}
