using System.Buffers;
using System.Text;

namespace AltClip.Cli;

/// <summary>
/// Text of strangers, as names of files are, that a terminal only shows: what it would obey is shown as a sign. Of colours and moves of the cursor a
/// name could make a message of its own, and by overrides of the direction of writing look like another.
/// </summary>
internal static class TerminalText
{
    private const char FirstPicture = '\u2400', PictureOfDelete = '\u2421', Replacement = '\uFFFD';

    private static readonly SearchValues<char> Obeyed = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue).Select(c => (char)c).Where(c => c is not '\n' and not '\t' && (char.IsControl(c) || TurnsWriting(c)))]);

    /// <summary>The text with a sign in place of each control character, but for ends of lines and tabs. Lengths stay.</summary>
    public static string Shown(string text)
    {
        if (!text.AsSpan().ContainsAny(Obeyed)) return text;
        var shown = new StringBuilder(text);
        for (var i = 0; i < text.Length; i++)
            if (IsObeyed(text, i)) shown[i] = Sign(text[i]);
        return shown.ToString();
    }

    /// <summary>A name, which is on one line of a list: with a sign in place of ends of lines and tabs too.</summary>
    public static string ShownName(string name) => Shown(name).Replace('\r', Sign('\r')).Replace('\n', Sign('\n')).Replace('\t', Sign('\t'));

    /// <summary>JSON in which control characters are escaped, where those of the direction of writing are too.</summary>
    public static string ShownJson(string json)
    {
        if (!json.AsSpan().ContainsAny(Obeyed)) return json;
        var shown = new StringBuilder();
        for (var i = 0; i < json.Length; i++)
        {
            if (IsObeyed(json, i)) shown.Append($"\\u{(int)json[i]:x4}");
            else shown.Append(json[i]);
        }
        return shown.ToString();
    }

    private static bool IsObeyed(string text, int i) =>
        Obeyed.Contains(text[i]) && !(text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n');

    // Embeddings, overrides and isolates of Unicode's bidirectional algorithm, and its separators, at which terminals may break a line.
    private static bool TurnsWriting(char c) => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';

    private static char Sign(char c) => c switch
    {
        < ' ' => (char)(FirstPicture + c),
        '\x7F' => PictureOfDelete,
        _ => Replacement,
    };
}
