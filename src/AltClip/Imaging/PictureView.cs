using AltClip.Shared.Notebooks;
using SkiaSharp;

namespace AltClip.Imaging;

/// <summary>Shows a picture as the model gets it: upright, without alpha, and small enough for a page.</summary>
internal sealed class PictureView : HtmlView<ImageSource>
{
    private const int LargestEdge = 320;

    /// <summary>Writes a picture, or the reason why it can't be read.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="html">Where it goes.</param>
    /// <param name="largestEdge">The longer edge in pixels; smaller pictures stay as they are.</param>
    public static void Write(ImageSource source, HtmlWriter html, int largestEdge)
    {
        byte[] png;
        try
        {
            png = Png(RgbImage.Decode(source), largestEdge);
        }
        catch (Exception e) when (UnreadablePicture.IsMeantBy(e))
        {
            html.Write($"<em>{e.Message}</em>");
            return;
        }
        html.Write($"<img alt=\"{source.Name}\" title=\"{source.Name}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">");
    }

    /// <inheritdoc/>
    protected override void Write(ImageSource value, HtmlWriter html)
    {
        html.Write($"<figure style=\"display:inline-block;margin:4px\">");
        Write(value, html, LargestEdge);
        html.Write($"<figcaption>{Path.GetFileName(value.Name)}</figcaption></figure>");
    }

    private static unsafe byte[] Png(RgbImage image, int largestEdge)
    {
        var scale = Math.Min(1, (double)largestEdge / Math.Max(image.Width, image.Height));
        var (width, height) = (Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)));
        fixed (byte* pixels = image.Pixels)
        {
            using var whole = new SKPixmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque), (nint)pixels);
            using var small = new SKBitmap(whole.Info.WithSize(width, height));
            using var target = small.PeekPixels();
            whole.ScalePixels(target, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
            using var png = small.Encode(SKEncodedImageFormat.Png, 100);
            return png.ToArray();
        }
    }
}
