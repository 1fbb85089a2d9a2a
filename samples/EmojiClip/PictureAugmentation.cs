namespace EmojiClip;

/// <summary>
/// Draws an emoji as it might be met: anywhere on any background, in other colours and, for artists never seen, in other shapes and styles.
/// </summary>
internal static class PictureAugmentation
{
    /// <summary>How far a picture is turned at most where it may be met in any way, in degrees.</summary>
    internal const float WideTurn = 32;

    /// <summary>The least size that it then has, a share of its own.</summary>
    internal const float LeastSize = 0.45f;

    /// <summary>A training picture.</summary>
    /// <param name="drawing">What is drawn.</param>
    /// <param name="mayMirror">Whether it means the same mirrored.</param>
    /// <param name="side">The side of the picture made.</param>
    /// <param name="strength">The most that is done to it: 0 for the drawing as it is on white, 1 for all.</param>
    /// <param name="random">Decides.</param>
    /// <param name="isWide">Whether it may be turned by <see cref="WideTurn"/>, down to <see cref="LeastSize"/>, and on black or dark colours, with all strength.</param>
    /// <param name="other">The same emoji by any artist, with which it may be mixed into one by neither; null for none, and for fewer styles.</param>
    public static Canvas Draw(Drawing drawing, bool mayMirror, int side, float strength, Random random, bool isWide = false, Drawing? other = null)
    {
        // Some gentle ones among them: from hard ones only, little is learned.
        strength *= random.Between(0.25f, 1);
        var canvas = new Canvas(side);
        if (isWide && Sometimes(0.35f)) FillDark(canvas, random);
        else FillBackground(canvas, strength, random);
        var scale = isWide && Sometimes(0.5f) ? random.Between(LeastSize, 1) : 1 + Vary(0.3f);
        var mixed = other is null ? null : canvas.Copy();
        var placement = new Placement(
            degrees: Vary(isWide ? WideTurn : 14), width: scale * (1 + Vary(0.13f)), height: scale * (1 + Vary(0.13f)), right: Vary(0.17f), down: Vary(0.17f),
            shear: Vary(0.12f), mirrored: mayMirror && Sometimes(0.4f), bend: Sometimes(0.5f) ? Vary(2.2f) : 0, waves: random.Between(0.5f, 2),
            phase: random.Between(0, 6.3f));
        canvas.Draw(drawing.Sprite, placement);
        if (mixed is not null && Sometimes(0.4f))
        {
            mixed.Draw(other!.Sprite, placement);
            canvas.Mix(mixed, random.Between(0.2f, 0.8f));
        }
        var styles = other is null ? 1 : 2.5f;
        if (Sometimes(0.12f * styles)) Colors.Outline(canvas, random.Between(0.3f, 0.9f), random.Chance(0.3f) ? random.Between(0, 0.3f) : 1);
        if (Sometimes(0.12f * styles)) Colors.Posterize(canvas, random.Next(3, 7));
        var grey = Sometimes(0.15f);
        Colors.Adjust(canvas, 1 + Vary(0.33f), 1 + Vary(0.42f), grey ? 0 : 1 + Vary(0.6f), Sometimes(0.2f * styles) ? Vary(60) : Vary(18));
        if (!grey) Colors.Shift(canvas, Vary(22), Vary(22), Vary(22));
        if (Sometimes(0.15f)) Colors.Blur(canvas);
        if (Sometimes(0.35f)) canvas.Compress(random.Next(35, 95));
        return canvas;

        float Vary(float most) => strength * random.Between(-most, most);
        bool Sometimes(float probability) => random.Chance(strength * probability);
    }

    /// <summary>White, one colour or a gradient.</summary>
    private static void FillBackground(Canvas canvas, float strength, Random random)
    {
        var plain = random.Chance(1 - 0.6f * strength) ? (255f, 255f, 255f) : random.Color();
        canvas.Fill(plain, random.Chance(1 - 0.5f * strength) ? plain : random.Color(), random.Between(0, 6.3f));
    }

    /// <summary>Black, where transparency was dropped, or the background of a dark screen.</summary>
    private static void FillDark(Canvas canvas, Random random)
    {
        canvas.Fill(random.Chance(0.4f) ? (0, 0, 0) : random.Color(most: 70));
    }

    public static float Between(this Random random, float least, float most) => least + random.NextSingle() * (most - least);

    public static bool Chance(this Random random, float probability) => random.NextSingle() < probability;

    public static (float, float, float) Color(this Random random, float most = 255) => (random.Between(0, most), random.Between(0, most), random.Between(0, most));
}
