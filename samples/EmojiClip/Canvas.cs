using System.Runtime.InteropServices;
using SkiaSharp;

namespace EmojiClip;

/// <summary>A square RGB picture being made: rows of red, green and blue, 0 to 255.</summary>
internal sealed class Canvas(int side)
{
    public int Side { get; } = side;

    public float[] Pixels { get; } = new float[side * side * 3];

    /// <summary>Fills it with one colour.</summary>
    public void Fill((float R, float G, float B) color) => Fill(color, color, direction: 0);

    /// <summary>Fills it with a gradient in any direction; two equal colours give one plain colour.</summary>
    public void Fill((float R, float G, float B) from, (float R, float G, float B) to, float direction)
    {
        var (dx, dy) = (MathF.Cos(direction) / Side, MathF.Sin(direction) / Side);
        for (var i = 0; i < Pixels.Length; i += 3)
        {
            var (x, y) = (i / 3 % Side - Side / 2f, i / 3 / Side - Side / 2f);
            var share = Math.Clamp(0.5f + x * dx + y * dy, 0, 1);
            Pixels[i] = from.R + share * (to.R - from.R);
            Pixels[i + 1] = from.G + share * (to.G - from.G);
            Pixels[i + 2] = from.B + share * (to.B - from.B);
        }
    }

    /// <summary>The same picture once more.</summary>
    public Canvas Copy()
    {
        var copy = new Canvas(Side);
        Pixels.CopyTo(copy.Pixels, 0);
        return copy;
    }

    /// <summary>Mixes it with another of its size.</summary>
    /// <param name="other">The other.</param>
    /// <param name="share">How much of the other there is: 0 to 1.</param>
    public void Mix(Canvas other, float share)
    {
        for (var i = 0; i < Pixels.Length; i++) Pixels[i] += share * (other.Pixels[i] - Pixels[i]);
    }

    /// <summary>Draws a picture where <paramref name="placement"/> puts it.</summary>
    public void Draw(Sprite sprite, Placement placement)
    {
        var step = (float)Sprite.Side / Side;
        var level = step / Math.Min(placement.Width, placement.Height) > 1.5f ? 1 : 0;
        for (var row = 0; row < Side; row++)
        {
            for (var column = 0; column < Side; column++)
            {
                var (x, y) = placement.Source((column + 0.5f) * step, (row + 0.5f) * step);
                var (red, green, blue, opacity) = sprite.At(x, y, level);
                var (i, rest) = (3 * (row * Side + column), 1 - opacity / 255);
                Pixels[i] = red + rest * Pixels[i];
                Pixels[i + 1] = green + rest * Pixels[i + 1];
                Pixels[i + 2] = blue + rest * Pixels[i + 2];
            }
        }
    }

    /// <summary>Stores it as a JPEG file would.</summary>
    public void Compress(int quality)
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        // A raw span: SkiaSharp's own is read-only.
        var bytes = MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bitmap.GetPixelSpan()), Side * Side * 4);
        for (var i = 0; i < Side * Side; i++)
        {
            for (var c = 0; c < 3; c++) bytes[4 * i + c] = (byte)Math.Clamp(Pixels[3 * i + c] + 0.5f, 0, 255);
            bytes[4 * i + 3] = 255;
        }
        using var file = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        using var decoded = SKBitmap.Decode(file, bitmap.Info);
        var result = decoded.GetPixelSpan();
        for (var i = 0; i < Side * Side; i++)
        {
            for (var c = 0; c < 3; c++) Pixels[3 * i + c] = result[4 * i + c];
        }
    }

    /// <summary>The picture as the model takes it: planes of red, green and blue, -1 to 1.</summary>
    public void Normalize(Span<float> planes)
    {
        var area = Side * Side;
        for (var i = 0; i < area; i++)
        {
            for (var c = 0; c < 3; c++) planes[c * area + i] = Math.Clamp(Pixels[3 * i + c], 0, 255) / 127.5f - 1;
        }
    }
}
