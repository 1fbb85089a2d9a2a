namespace EmojiClip;

/// <summary>Names and keywords of all languages as single texts, each with the emoji that it is said of.</summary>
internal sealed class Keywords
{
    private readonly EmojiSet _emoji;
    private readonly Dictionary<(string Language, string Text), int[]> _emojiOf;
    private readonly (string Language, double UpTo)[][] _languages;
    private readonly Dictionary<string, (string Text, double UpTo)[]?[]> _keywords;

    /// <param name="emoji">The emoji.</param>
    /// <param name="english">How many of all texts are English; the other languages share the rest by their speakers.</param>
    public Keywords(EmojiSet emoji, double english)
    {
        _emoji = emoji;
        _emojiOf = emoji.Captions.SelectMany(language => language.Value.Index().Where(caption => caption.Item is not null)
                .SelectMany(caption => caption.Item!.Keywords.Append(caption.Item.Name).Distinct().Select(text => (Key: (language.Key, text), Emoji: caption.Index))))
            .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Select(pair => pair.Emoji).ToArray());
        _languages = [.. Enumerable.Range(0, emoji.Codes.Length).Select(place => Shares(place, english))];
        _keywords = emoji.Captions.ToDictionary(language => language.Key, language => language.Value.Select(caption => Shares(language.Key, caption)).ToArray());
    }

    /// <summary>All texts of a language that are said of an emoji at least.</summary>
    public IEnumerable<(string Text, int[] Emoji)> Of(string language) =>
        _emojiOf.Where(pair => pair.Key.Language == language).Select(pair => (pair.Key.Text, pair.Value));

    /// <summary>A text of an emoji: its name, or every third time one keyword alone, in some language; now and then in a phrase or with a capital.</summary>
    /// <returns>The text, and all emoji that it is said of.</returns>
    public (string Text, int[] Emoji) Draw(int place, Random random)
    {
        var choice = random.NextDouble();
        var language = _languages[place].First(share => choice <= share.UpTo).Language;
        var caption = _emoji.Captions[language][place]!;
        var text = caption.Name;
        if (random.Chance(0.35f) && _keywords[language][place] is { } keywords)
        {
            choice = random.NextDouble();
            text = keywords.First(share => choice <= share.UpTo).Text;
        }
        var emoji = _emojiOf[(language, text)];
        if (language == "en" && random.Chance(0.15f)) text = EnglishCaptions.InPhrase(text, random);
        return (random.Chance(0.1f) ? char.ToUpperInvariant(text[0]) + text[1..] : text, emoji);
    }

    /// <summary>A keyword that many emoji have says little of each, and is met by way of every one of them.</summary>
    private (string, double)[]? Shares(string language, Caption? caption)
    {
        if (caption is not { Keywords.Length: > 0 }) return null;
        var (sum, total) = (0.0, caption.Keywords.Sum(Weight));
        return [.. caption.Keywords.Select(keyword => (keyword, sum += Weight(keyword) / total)), (caption.Keywords[^1], double.MaxValue)];

        double Weight(string keyword) => 1 / Math.Sqrt(_emojiOf[(language, keyword)].Length);
    }

    private (string, double)[] Shares(int place, double english)
    {
        var others = _emoji.Captions.Where(language => language.Key != "en" && language.Value[place] is not null)
            .Select(language => (language.Key, Weight: Languages.WordWeight(language.Key))).ToArray();
        var (sum, total) = (english, others.Sum(language => language.Weight));
        return [("en", english), .. others.Select(language => (language.Key, sum += (1 - english) * language.Weight / total)), ("en", double.MaxValue)];
    }
}
