using SkiaSharp;

namespace EmojiClip;

/// <summary>
/// A square picture without its white background, at full and at half size, so that it can be drawn anywhere on anything. Values are
/// premultiplied with the opacity: red, green, blue and opacity of each pixel, 0 to 255.
/// </summary>
internal sealed class Sprite
{
    public const int Side = 64;

    private const int NearWhite = 247;

    private readonly byte[][] _levels;

    private Sprite(byte[] pixels) => _levels = [pixels, Halved(pixels, Side)];

    /// <summary>Takes the background away: what is nearly white and hangs together with the border.</summary>
    public static Sprite CutOut(SKBitmap bitmap)
    {
        if (bitmap.Width != Side || bitmap.Height != Side) throw new InvalidDataException($"A picture is {bitmap.Width}x{bitmap.Height}; expected {Side}x{Side}.");
        var pixels = new byte[Side * Side * 4];
        for (var i = 0; i < Side * Side; i++)
        {
            var color = bitmap.GetPixel(i % Side, i / Side);
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2], pixels[4 * i + 3]) = (color.Red, color.Green, color.Blue, 255);
        }
        var open = new Stack<int>(Enumerable.Range(0, Side).SelectMany(i => new[] { i, Side * (Side - 1) + i, Side * i, Side * i + Side - 1 }));
        while (open.TryPop(out var i))
        {
            var pixel = pixels.AsSpan(4 * i, 4);
            if (pixel[3] == 0 || pixel[0] < NearWhite || pixel[1] < NearWhite || pixel[2] < NearWhite) continue;
            pixel.Clear();
            if (i % Side > 0) open.Push(i - 1);
            if (i % Side < Side - 1) open.Push(i + 1);
            if (i >= Side) open.Push(i - Side);
            if (i < Side * (Side - 1)) open.Push(i + Side);
        }
        return new Sprite(pixels);
    }

    /// <summary>The colour between pixels, in steps of the full size, at the level of detail asked for.</summary>
    /// <param name="x">From the left, 0 to <see cref="Side"/>; beyond it is nothing.</param>
    /// <param name="y">From the top.</param>
    /// <param name="level">0 for full size, 1 for half.</param>
    public (float Red, float Green, float Blue, float Opacity) At(float x, float y, int level)
    {
        var (pixels, side) = (_levels[level], Side >> level);
        (x, y) = (x / (1 << level) - 0.5f, y / (1 << level) - 0.5f);
        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (right, bottom) = (x - left, y - top);
        var color = System.Numerics.Vector4.Zero;
        Add(left, top, (1 - right) * (1 - bottom));
        Add(left + 1, top, right * (1 - bottom));
        Add(left, top + 1, (1 - right) * bottom);
        Add(left + 1, top + 1, right * bottom);
        return (color.X, color.Y, color.Z, color.W);

        void Add(int column, int row, float weight)
        {
            if ((uint)column >= (uint)side || (uint)row >= (uint)side) return;
            var i = 4 * (row * side + column);
            color += weight * new System.Numerics.Vector4(pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]);
        }
    }

    private static byte[] Halved(byte[] pixels, int side)
    {
        var half = new byte[pixels.Length / 4];
        for (var i = 0; i < half.Length; i++)
        {
            var (channel, pixel) = (i % 4, i / 4);
            var first = 4 * (2 * (pixel / (side / 2)) * side + 2 * (pixel % (side / 2))) + channel;
            half[i] = (byte)((pixels[first] + pixels[first + 4] + pixels[first + 4 * side] + pixels[first + 4 * side + 4] + 2) / 4);
        }
        return half;
    }
}
