namespace EmojiClip;

/// <summary>How often each language is met.</summary>
internal static class Languages
{
    /// <summary>Millions of speakers, first and second language together, rounded; languages not named here count as 5.</summary>
    private static readonly Dictionary<string, double> Speakers = new()
    {
        ["en"] = 1500,
        ["zh"] = 1180,
        ["hi"] = 610,
        ["es"] = 560,
        ["ar"] = 380,
        ["fr"] = 310,
        ["bn"] = 280,
        ["pt"] = 270,
        ["ru"] = 255,
        ["ur"] = 240,
        ["id"] = 200,
        ["de"] = 135,
        ["ja"] = 125,
        ["pcm"] = 120,
        ["mr"] = 100,
        ["te"] = 96,
        ["tr"] = 90,
        ["ta"] = 87,
        ["yue"] = 86,
        ["vi"] = 86,
        ["fil"] = 83,
        ["ko"] = 82,
        ["sw"] = 80,
        ["ha"] = 80,
        ["fa"] = 79,
        ["jv"] = 68,
        ["it"] = 67,
        ["pa"] = 60,
        ["gu"] = 62,
        ["th"] = 61,
        ["kn"] = 59,
        ["am"] = 58,
        ["yo"] = 46,
        ["pl"] = 43,
        ["my"] = 43,
        ["uk"] = 39,
        ["ml"] = 38,
        ["or"] = 40,
        ["ps"] = 40,
        ["ms"] = 35,
        ["uz"] = 34,
        ["sd"] = 33,
        ["ig"] = 31,
        ["om"] = 45,
        ["nl"] = 25,
        ["ro"] = 24,
        ["zh-Hant"] = 30,
        ["ne"] = 32,
        ["zu"] = 28,
        ["az"] = 24,
        ["pa-Arab"] = 60,
    };

    /// <summary>
    /// The root of the millions of speakers, so that small languages are not drowned, and a third of it: 1 for about ten millions. The judged
    /// languages count as 576 millions at least: a name must be met a dozen times to be known.
    /// </summary>
    public static double Weight(string language)
    {
        var weight = Math.Sqrt(Speakers.GetValueOrDefault(language, 5)) / 3;
        return Recipe.Judged.Contains(language) ? Math.Max(weight, 8) : weight;
    }

    /// <summary>
    /// The weight where single words are learned: languages of 50 millions count as 225 millions at least, so that Korean or Turkish are met often enough too.
    /// </summary>
    public static double WordWeight(string language) => Speakers.GetValueOrDefault(language) >= 50 ? Math.Max(Weight(language), 5) : Weight(language);
}
