using System.Globalization;

namespace AltClip.Training.Data;

/// <summary>Expands names as shells and the webdataset library do: <c>train-{000..012}.tar</c>, <c>{train,val}.tar</c>.</summary>
internal static class BracePattern
{
    private const int Most = 1_000_000;

    /// <summary>All names that a pattern stands for; a name without braces stands for itself.</summary>
    /// <exception cref="ArgumentException">A brace is not closed, a range has no numbers or runs backwards, or the names are more than a million.</exception>
    public static IEnumerable<string> Expand(string pattern)
    {
        var open = pattern.IndexOf('{');
        if (open < 0) return [pattern];
        var close = pattern.IndexOf('}', open);
        if (close < 0) throw new ArgumentException($"The brace of {pattern} is not closed; expected a form like {{000..012}}.", nameof(pattern));
        var choices = Choices(pattern, pattern[(open + 1)..close]);
        var rest = Expand(pattern[(close + 1)..]).ToList();
        if ((long)choices.Count * rest.Count > Most)
            throw new ArgumentException($"{pattern} stands for {(long)choices.Count * rest.Count} names; expected no more than {Most}.", nameof(pattern));
        return choices.SelectMany(choice => rest.Select(end => pattern[..open] + choice + end));
    }

    private static IReadOnlyCollection<string> Choices(string pattern, string inside)
    {
        if (inside.Split("..") is not [var first, var last]) return inside.Split(',');
        if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) || to < from)
        {
            throw new ArgumentException($"{{{inside}}} in {pattern} is no range; expected a form like {{000..012}}.", nameof(pattern));
        }
        if (to - from >= Most) throw new ArgumentException($"{{{inside}}} in {pattern} stands for {to - from + 1L} names; expected no more than {Most}.", nameof(pattern));
        return [.. Enumerable.Range(from, to - from + 1).Select(number => number.ToString(CultureInfo.InvariantCulture).PadLeft(first.Length, '0'))];
    }
}
