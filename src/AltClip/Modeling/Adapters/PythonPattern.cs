using System.Text;
using System.Text.RegularExpressions;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// Regular expressions as Python's <c>re</c> has them, for names of modules. What .NET reads otherwise is written anew, and what it hasn't
/// got is refused.
/// </summary>
internal static partial class PythonPattern
{
    // Names are short; what takes longer than this on one is not meant to end.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    private const string Escapes = "AbBdDsSwWafnrtv";

    /// <summary>The expression that <c>peft</c> makes of a pattern's key: the end of a name, from a dot on or the whole.</summary>
    /// <exception cref="ArgumentException">It is none of Python's, or none that can be read here.</exception>
    public static Regex EndOfName(string key) => new($@"^(.*\.)?({Translated(key)})$", RegexOptions.CultureInvariant, Timeout);

    private static string Translated(string pattern)
    {
        var translated = new StringBuilder();
        var (hasNames, hasNumbers) = (false, false);
        for (var i = 0; i < pattern.Length;)
        {
            var rest = pattern.AsSpan(i);
            var (taken, text) = pattern[i] switch
            {
                '\\' => Escape(rest),
                '[' => Class(pattern[i..]),
                '(' when rest.StartsWith("(?") => Group(pattern[i..]),
                '{' when OpenCount().Match(pattern, i) is { Success: true } count => (count.Length, "{0," + count.Groups[1].Value + "}"),
                var other => (1, other.ToString()),
            };
            hasNames |= text.StartsWith("(?<", StringComparison.Ordinal) && text.EndsWith('>');
            hasNumbers |= pattern[i] == '\\' && char.IsAsciiDigit(pattern[i + 1]);
            translated.Append(text);
            i += taken;
        }
        // .NET counts groups with a name last, Python in their place.
        return hasNames && hasNumbers ? throw Unreadable(pattern) : translated.ToString();
    }

    private static (int, string) Escape(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 2) throw Unreadable(rest);
        var next = rest[1];
        if (next == 'Z') return (2, @"\z");
        return char.IsAsciiLetter(next) && !Escapes.Contains(next) ? throw Unreadable(rest) : (2, rest[..2].ToString());
    }

    /// <summary>A set of characters, in which .NET takes a bracket after a dash for what is to be left out.</summary>
    private static (int, string) Class(string rest)
    {
        var translated = new StringBuilder("[");
        var i = 1;
        if (i < rest.Length && rest[i] == '^') translated.Append(rest[i++]);
        for (var first = i; i < rest.Length; i++)
        {
            if (rest[i] == ']' && i > first) return (i + 1, translated.Append(']').ToString());
            if (rest[i] == '\\') translated.Append(Escape(rest.AsSpan(i++)).Item2);
            else if (rest[i] is '[' or ']') translated.Append('\\').Append(rest[i]);
            else translated.Append(rest[i]);
        }
        throw Unreadable(rest);
    }

    private static (int, string) Group(string rest)
    {
        if (NamedGroup().Match(rest) is { Success: true } named) return (named.Length, $"(?<{named.Groups[1].Value}>");
        if (NamedReference().Match(rest) is { Success: true } reference) return (reference.Length, $@"\k<{reference.Groups[1].Value}>");
        return SameGroup().Match(rest) is { Success: true } same ? (same.Length, same.Value) : throw Unreadable(rest);
    }

    private static ArgumentException Unreadable(ReadOnlySpan<char> rest) => new($"'{rest}' can't be read as a regular expression.");

    [GeneratedRegex(@"\G\{,(\d*)\}")]
    private static partial Regex OpenCount();

    [GeneratedRegex(@"^\(\?P<([A-Za-z_]\w*)>")]
    private static partial Regex NamedGroup();

    [GeneratedRegex(@"^\(\?P=([A-Za-z_]\w*)\)")]
    private static partial Regex NamedReference();

    [GeneratedRegex(@"^\(\?(:|=|!|<=|<!|>|#[^)]*\)|[imsx]+(-[imsx]+)?:)")]
    private static partial Regex SameGroup();
}
