namespace EmojiClip;

/// <summary>Says in English what a picture shows, each time in other words.</summary>
internal static class EnglishCaptions
{
    private static readonly string[] Templates =
    [
        "{0} emoji", "an emoji of {0}", "a picture of {0}", "a photo of a {0}", "a drawing of a {0}", "an icon of {0}", "a picture of a {0}", "a photo of {0}",
    ];

    /// <param name="caption">Its name and keywords.</param>
    /// <param name="variety">0 for always the name, 1 for as often something else.</param>
    /// <param name="random">Decides.</param>
    public static string Draw(Caption caption, float variety, Random random)
    {
        if (!random.Chance(0.55f * variety)) return caption.Name;
        var text = random.Chance(0.35f) ? InPhrase(caption.Name, random) : WithKeywords(caption, random);
        return random.Chance(0.1f) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
    }

    /// <summary>A text in a phrase about a picture.</summary>
    public static string InPhrase(string text, Random random) => string.Format(null, Templates[random.Next(Templates.Length)], text);

    /// <summary>The name and some keywords, or keywords alone, in whatever language they are.</summary>
    public static string WithKeywords(Caption caption, Random random) => caption.Keywords switch
    {
        [] => caption.Name,
        [var keyword] => $"{caption.Name}, {keyword}",
        var keywords when random.Chance(0.55f) => $"{caption.Name}, {Some(keywords, random.Next(1, 4), random)}",
        var keywords => Some(keywords, random.Next(2, 6), random),
    };

    private static string Some(string[] keywords, int count, Random random)
    {
        var shuffled = keywords.ToArray();
        random.Shuffle(shuffled);
        return string.Join(", ", shuffled.Take(count));
    }
}
