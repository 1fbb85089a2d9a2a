namespace EmojiClip;

/// <summary>The pictures that scores are taken on: emoji disturbed as in a screenshot, always the same for the same seed.</summary>
internal static class Perturbation
{
    /// <summary>
    /// Rotation to 11 degrees, scale by 25 %, shift by 15 %, brightness, contrast and saturation by 30 %, channels by 20 of 255, every eighth
    /// picture grey, two of three on a background other than white, JPEG of quality 50.
    /// </summary>
    public static Canvas Draw(Drawing drawing, int side, int seed)
    {
        var random = new Random(seed);
        var canvas = new Canvas(side);
        var white = (255f, 255f, 255f);
        var (from, to) = (random.Color(), random.Color());
        canvas.Fill(seed % 3 == 0 ? white : from, seed % 3 == 0 ? white : seed % 3 == 1 ? from : to, random.Between(0, 6.3f));
        var scale = random.Between(0.75f, 1.25f);
        canvas.Draw(drawing.Sprite, new Placement(
            degrees: random.Between(-11, 11), width: scale, height: scale, right: random.Between(-0.15f, 0.15f), down: random.Between(-0.15f, 0.15f)));
        Colors.Adjust(canvas, random.Between(0.7f, 1.3f), random.Between(0.7f, 1.3f), seed % 8 == 0 ? 0 : random.Between(0.7f, 1.3f), hue: 0);
        if (seed % 8 != 0) Colors.Shift(canvas, random.Between(-20, 20), random.Between(-20, 20), random.Between(-20, 20));
        canvas.Compress(50);
        return canvas;
    }

    /// <summary>The picture as it is, on white.</summary>
    public static Canvas Plain(Drawing drawing, int side)
    {
        var canvas = new Canvas(side);
        canvas.Fill((255, 255, 255));
        canvas.Draw(drawing.Sprite, new Placement(0, 1, 1, 0, 0));
        return canvas;
    }
}
