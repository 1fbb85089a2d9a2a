namespace EmojiClip;

/// <summary>Draws captions in all languages.</summary>
internal sealed class Captions
{
    private readonly EmojiSet _emoji;
    private readonly (string Language, double UpTo)[][] _languages;

    /// <param name="emoji">The emoji.</param>
    /// <param name="english">How many of all captions are English; the other languages share the rest by their weights.</param>
    /// <param name="weighted">Whether languages with many speakers come more often.</param>
    public Captions(EmojiSet emoji, double english, bool weighted)
    {
        _emoji = emoji;
        _languages = [.. Enumerable.Range(0, emoji.Codes.Length).Select(place => Shares(place, english, weighted))];
    }

    /// <summary>What some language calls an emoji, alone or with keywords.</summary>
    public string Draw(int place, Random random)
    {
        var choice = random.NextDouble();
        var language = _languages[place].First(share => choice <= share.UpTo).Language;
        var caption = _emoji.Captions[language][place]!;
        return language == "en" ? EnglishCaptions.Draw(caption, 0.6f, random)
            : random.Chance(0.25f) && caption.Keywords.Length > 1 ? EnglishCaptions.WithKeywords(caption, random)
            : caption.Name;
    }

    private (string, double)[] Shares(int place, double english, bool weighted)
    {
        var others = _emoji.Captions.Where(language => language.Key != "en" && language.Value[place] is not null)
            .Select(language => (language.Key, Weight: weighted ? Languages.Weight(language.Key) : 1)).ToArray();
        var (sum, total) = (english, others.Sum(language => language.Weight));
        return [("en", english), .. others.Select(language => (language.Key, sum += (1 - english) * language.Weight / total)), ("en", double.MaxValue)];
    }
}
