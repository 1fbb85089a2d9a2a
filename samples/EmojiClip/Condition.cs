namespace EmojiClip;

/// <summary>A way of meeting an emoji that scores are taken of, each of them alone.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Draw">The picture of a drawing with a seed.</param>
internal sealed record Condition(string Name, Func<Drawing, int, Canvas> Draw)
{
    /// <summary>The most that a channel of a dark colour has.</summary>
    private const float Dark = 60;

    private const int LeastTurn = 15, MostTurn = 30;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Condition> All { get; } =
    [
        new("as it is, on white", (drawing, _) => Perturbation.Plain(drawing, Sprite.Side)),
        new($"turned by {LeastTurn} to {MostTurn} degrees", (drawing, seed) =>
        {
            var random = new Random(seed);
            return On((255, 255, 255), drawing, (seed % 2 * 2 - 1) * random.Between(LeastTurn, MostTurn), 1, random);
        }),
        new("half its size, anywhere", (drawing, seed) => On((255, 255, 255), drawing, 0, 0.5f, new Random(seed))),
        new("on a dark colour", (drawing, seed) =>
        {
            var random = new Random(seed);
            return On(random.Color(Dark), drawing, 0, 1, random);
        }),
        new("on black, as where transparency was dropped", (drawing, seed) => On((0, 0, 0), drawing, 0, 1, new Random(seed))),
        new("all of these together", (drawing, seed) =>
        {
            var random = new Random(seed);
            return On(random.Color(Dark), drawing, random.Between(-MostTurn, MostTurn), 0.5f, random);
        }),
    ];

    private static Canvas On((float, float, float) background, Drawing drawing, float degrees, float scale, Random random)
    {
        var canvas = new Canvas(Sprite.Side);
        canvas.Fill(background);
        // What is smaller is not always in the middle.
        var most = (1 - scale) / 2;
        canvas.Draw(drawing.Sprite, new Placement(degrees, scale, scale, random.Between(-most, most), random.Between(-most, most)));
        return canvas;
    }
}
