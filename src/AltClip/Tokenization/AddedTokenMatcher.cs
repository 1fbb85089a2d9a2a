using System.Buffers;
using System.Globalization;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost first, of several there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedTokenTrie _tokens = new();
    private readonly SearchValues<char> _firsts;

    /// <param name="patterns">What to look for in the text, and the token it stands for.</param>
    /// <exception cref="TokenizerException">A pattern is longer than tokens are.</exception>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> patterns)
    {
        HashSet<char> firsts = [];
        foreach ((string content, AddedToken token) in patterns.Where(p => p.Content.Length != 0))
        {
            firsts.Add(content[0]);
            _tokens.Add(content, token);
        }
        IsEmpty = firsts.Count == 0;
        _firsts = SearchValues.Create([.. firsts]);
    }

    public bool IsEmpty { get; }

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The whole text: what lies around a token decides whether it is a single word.</param>
    /// <param name="search">Where to look from; then where to look from for the one after.</param>
    /// <param name="done">What lies before this belongs to earlier tokens.</param>
    /// <param name="match">The token and the text that belongs to it, whitespace it takes included.</param>
    public bool TryFind(ReadOnlySpan<char> text, ref int search, int done, out (AddedToken Token, int Start, int End) match)
    {
        match = default;
        while (search < text.Length)
        {
            int next = text[search..].IndexOfAny(_firsts);
            if (next < 0)
                break;
            int start = search + next;
            if (_tokens.LongestAt(text[start..]) is not { } found)
            {
                search = start + 1;
                continue;
            }
            int end = search = start + found.Length;
            AddedToken token = found.Token;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.LStrip)
                start = Math.Max(text[..start].TrimEnd().Length, done);
            if (token.RStrip)
                end = text.Length - text[end..].TrimStart().Length;
            match = (token, start, end);
            return true;
        }
        return false;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    /// <summary>What <c>\w</c> means in Unicode's regular expressions (UTS #18).</summary>
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
