namespace AltClip.Cli;

/// <summary>A question for what may have been meant by a mistyped word.</summary>
internal static class Suggestion
{
    /// <summary>The question, with a space before it; empty where nothing known is near.</summary>
    public static string Of(string word, IEnumerable<string> known)
    {
        var near = known.Distinct().Select(name => (name, Distance: EditDistance.Between(word.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(pair => pair.Distance <= (word.TrimStart('-').Length <= 3 ? 1 : 2) || pair.name == $"--{word}" || word.Length > 4 && pair.name.StartsWith(word, StringComparison.Ordinal))
            .OrderBy(pair => pair.Distance).Take(3).Select(pair => pair.name).ToList();
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";
    }
}
