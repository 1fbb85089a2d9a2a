namespace AltClip.Shared;

/// <summary>Lists in messages: a file can have any number of names of any length, a message can't.</summary>
internal static class Listing
{
    /// <summary>How many names a message has.</summary>
    public const int Most = 10;

    private const int MostCharacters = 120;

    /// <summary>The first names and how many more there are: <c>a, b and 7 more</c>.</summary>
    public static string Of(IReadOnlyCollection<string> names, int most = Most)
    {
        var shown = string.Join(", ", names.Take(most).Select(name => Cut(name)));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }

    /// <summary>A text that is not longer than messages can be.</summary>
    public static string Cut(string text, int most = MostCharacters) => text.Length <= most ? text : $"{text[..most]}…";
}
