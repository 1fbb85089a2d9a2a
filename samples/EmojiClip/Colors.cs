namespace EmojiClip;

/// <summary>Changes of a canvas's colours.</summary>
internal static class Colors
{
    /// <summary>Multiplies the distance from black, then that from the mean, then that from grey, and turns the hue.</summary>
    /// <param name="canvas">The picture.</param>
    /// <param name="brightness">The first factor.</param>
    /// <param name="contrast">The second.</param>
    /// <param name="saturation">The third; 0 leaves grey.</param>
    /// <param name="hue">The turn in degrees.</param>
    public static void Adjust(Canvas canvas, float brightness, float contrast, float saturation, float hue)
    {
        var pixels = canvas.Pixels;
        var mean = pixels.Average() * brightness;
        var (sin, cos) = MathF.SinCos(hue * MathF.PI / 180);
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var (r, g, b) = (Stretch(pixels[i]), Stretch(pixels[i + 1]), Stretch(pixels[i + 2]));
            var luma = 0.299f * r + 0.587f * g + 0.114f * b;
            // The two axes of colour, as in the YIQ system, turned and stretched.
            var (p, q) = (saturation * (0.596f * r - 0.274f * g - 0.322f * b), saturation * (0.211f * r - 0.523f * g + 0.312f * b));
            (p, q) = (cos * p - sin * q, sin * p + cos * q);
            pixels[i] = Math.Clamp(luma + 0.956f * p + 0.621f * q, 0, 255);
            pixels[i + 1] = Math.Clamp(luma - 0.272f * p - 0.647f * q, 0, 255);
            pixels[i + 2] = Math.Clamp(luma - 1.106f * p + 1.703f * q, 0, 255);
        }

        float Stretch(float value) => mean + contrast * (brightness * value - mean);
    }

    /// <summary>Adds a number to each channel.</summary>
    public static void Shift(Canvas canvas, float red, float green, float blue)
    {
        var pixels = canvas.Pixels;
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (pixels[i] + red, pixels[i + 1] + green, pixels[i + 2] + blue);
    }

    /// <summary>Leaves only so many values a channel: a flat style.</summary>
    public static void Posterize(Canvas canvas, int values)
    {
        var pixels = canvas.Pixels;
        var step = 255f / (values - 1);
        for (var i = 0; i < pixels.Length; i++) pixels[i] = MathF.Round(pixels[i] / step) * step;
    }

    /// <summary>Draws dark lines where colours change, on the picture or in place of it.</summary>
    /// <param name="canvas">The picture.</param>
    /// <param name="strength">How dark.</param>
    /// <param name="keep">How much of the picture stays; the rest becomes white.</param>
    public static void Outline(Canvas canvas, float strength, float keep)
    {
        var (pixels, side) = (canvas.Pixels, canvas.Side);
        var before = (float[])pixels.Clone();
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
            {
                var i = 3 * (row * side + column);
                var (right, below) = (3 * (row * side + Math.Min(column + 1, side - 1)), 3 * (Math.Min(row + 1, side - 1) * side + column));
                var edge = 0f;
                for (var c = 0; c < 3; c++) edge += Math.Abs(before[i + c] - before[right + c]) + Math.Abs(before[i + c] - before[below + c]);
                for (var c = 0; c < 3; c++) pixels[i + c] = Math.Clamp(255 + keep * (before[i + c] - 255) - strength * edge, 0, 255);
            }
        }
    }

    /// <summary>Replaces each pixel by the mean of its neighbourhood of three by three.</summary>
    public static void Blur(Canvas canvas)
    {
        var (pixels, side) = (canvas.Pixels, canvas.Side);
        Smooth(pixels, side, 3, 3 * side);
        Smooth(pixels, side, 3 * side, 3);
    }

    private static void Smooth(float[] pixels, int side, int step, int lineStep)
    {
        for (var line = 0; line < side; line++)
        {
            for (var c = 0; c < 3; c++)
            {
                var first = line * lineStep + c;
                var previous = pixels[first];
                for (var k = 0; k < side; k++)
                {
                    var i = first + k * step;
                    var current = pixels[i];
                    var next = k < side - 1 ? pixels[i + step] : current;
                    pixels[i] = (previous + current + next) / 3;
                    previous = current;
                }
            }
        }
    }
}
