using System.Runtime.InteropServices;
using AltClip.Imaging;
using AltClip.Shared;
using SkiaSharp;

namespace AltClip.Pipeline.Explanation;

/// <summary>Draws numbers of patches over a picture.</summary>
internal static class HeatMap
{
    private const byte Unseen = 150;
    private const float Strongest = 0.75f;

    /// <summary>The least that the shorter edge of what is drawn has: fewer pixels than patches need to be seen apart.</summary>
    private const int LeastEdge = 384;

    /// <summary>Writes a picture with a glow.</summary>
    /// <param name="path">The file.</param>
    /// <param name="picture">The picture, upright.</param>
    /// <param name="values">A number for each patch; the least gets no glow and the greatest the most.</param>
    /// <param name="geometry">What part of the picture the patches are.</param>
    public static void SavePng(string path, RgbImage picture, float[,] values, ImageGeometry geometry)
    {
        var scale = Math.Max(1, (LeastEdge - 1) / Math.Min(picture.Width, picture.Height) + 1);
        using var bitmap = new SKBitmap(picture.Width * scale, picture.Height * scale, SKColorType.Rgb888x, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        using (var below = Image(Bitmap(picture)))
        using (var glow = Image(Glow(values)))
        {
            canvas.Scale(scale);
            canvas.DrawImage(below, 0, 0, new SKSamplingOptions(SKFilterMode.Linear));
            var (left, width) = Seen(geometry.Horizontal);
            var (top, height) = Seen(geometry.Vertical);
            var area = SKRect.Create(left, top, width, height);
            using var dark = new SKPaint { Color = new SKColor(0, 0, 0, Unseen) };
            canvas.Save();
            canvas.ClipRect(area, SKClipOperation.Difference);
            canvas.DrawRect(0, 0, picture.Width, picture.Height, dark);
            canvas.Restore();
            canvas.DrawImage(glow, area, new SKSamplingOptions(SKCubicResampler.Mitchell));
        }
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var staged = new StagedFiles();
        using (var stream = staged.Create(path)) png.SaveTo(stream);
        staged.Commit();
    }

    /// <summary>Where on an axis of the picture the model's square begins, and how long it is, in the picture's own pixels.</summary>
    private static (float Start, float Length) Seen(AxisGeometry axis)
    {
        var scale = (float)axis.SourceSize / axis.ResizedSize;
        return ((axis.VisibleStart - axis.Padding) * scale, axis.Size * scale);
    }

    private static SKImage Image(SKBitmap bitmap)
    {
        using (bitmap) return SKImage.FromBitmap(bitmap);
    }

    private static SKBitmap Bitmap(RgbImage picture)
    {
        var bitmap = new SKBitmap(picture.Width, picture.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);
        Marshal.Copy(picture.Pixels.ToArray(), 0, bitmap.GetPixels(), picture.Pixels.Length);
        return bitmap;
    }

    private static SKBitmap Glow(float[,] values)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        var (least, greatest) = (values.Cast<float>().Min(), values.Cast<float>().Max());
        var bitmap = new SKBitmap(columns, rows, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                var strength = greatest > least ? (values[y, x] - least) / (greatest - least) : 0;
                bitmap.SetPixel(x, y, new SKColor(255, (byte)(255 * strength * strength), 0, (byte)(255 * Strongest * strength)));
            }
        }
        return bitmap;
    }
}
