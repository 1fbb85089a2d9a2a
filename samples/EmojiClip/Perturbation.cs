namespace EmojiClip;

/// <summary>The pictures that scores are taken on: emoji disturbed as in a screenshot, always the same for the same seed.</summary>
internal static class Perturbation
{
    /// <summary>How far a picture is turned at most, in degrees.</summary>
    internal const float Turn = 11;

    /// <summary>How much larger or smaller it is at most, a share of its size.</summary>
    internal const float Scaling = 0.25f;

    /// <summary>How far it is moved at most, a share of the canvas.</summary>
    internal const float Shift = 0.15f;

    /// <summary>How far brightness, contrast and saturation change at most.</summary>
    internal const float Tone = 0.3f;

    /// <summary>How far a channel changes at most, of 255.</summary>
    internal const float Channel = 20;

    /// <summary>Of so many pictures one is grey.</summary>
    internal const int PicturesPerGrey = 8;

    /// <summary>Of so many pictures one is on white.</summary>
    internal const int PicturesPerWhite = 3;

    /// <summary>The quality of the JPEG file that it went through.</summary>
    internal const int JpegQuality = 50;

    /// <summary>
    /// Turned, scaled, moved, in other tones and channels, some grey, most on one colour or a gradient in place of white, through JPEG.
    /// </summary>
    public static Canvas Draw(Drawing drawing, int side, int seed)
    {
        var random = new Random(seed);
        var canvas = new Canvas(side);
        var white = (255f, 255f, 255f);
        var (from, to) = (random.Color(), random.Color());
        var ground = seed % PicturesPerWhite;
        canvas.Fill(ground == 0 ? white : from, ground == 0 ? white : ground == 1 ? from : to, random.Between(0, 6.3f));
        var scale = random.Between(1 - Scaling, 1 + Scaling);
        canvas.Draw(drawing.Sprite, new Placement(
            degrees: random.Between(-Turn, Turn), width: scale, height: scale, right: random.Between(-Shift, Shift), down: random.Between(-Shift, Shift)));
        var grey = seed % PicturesPerGrey == 0;
        Colors.Adjust(canvas, VaryTone(), VaryTone(), grey ? 0 : VaryTone(), hue: 0);
        if (!grey) Colors.Shift(canvas, VaryChannel(), VaryChannel(), VaryChannel());
        canvas.Compress(JpegQuality);
        return canvas;

        float VaryTone() => random.Between(1 - Tone, 1 + Tone);
        float VaryChannel() => random.Between(-Channel, Channel);
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
