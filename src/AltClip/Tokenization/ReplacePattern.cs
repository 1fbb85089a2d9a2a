using System.Globalization;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>
/// What a tokenizer file's <c>Replace</c> looks for: a text, or a regular expression of characters and classes one after the other, each
/// as often as it says. It goes by whole characters, as the tokenizers library does and .NET's expressions do not.
/// </summary>
internal sealed class ReplacePattern
{
    private readonly List<Item> _items;

    private ReplacePattern(List<Item> items) => _items = items;

    public static ReplacePattern OfText(string text) => new([.. text.EnumerateRunes().Select(rune => new Item(found => found == rune, 1, 1))]);

    /// <exception cref="TokenizerException">The expression has what isn't computed here.</exception>
    public static ReplacePattern OfExpression(string expression)
    {
        List<Item> items = [];
        var reader = new ExpressionReader(expression);
        while (!reader.IsAtEnd)
            items.Add(reader.ReadItem());
        return items.Any(item => item.Least > 0)
            ? new(items)
            : throw new TokenizerException($"the expression '{expression}' finds empty texts; such are not replaced here.");
    }

    /// <summary>All that is found, from left to right.</summary>
    public List<(int Start, int Length)> Find(ReadOnlySpan<char> text)
    {
        List<(int, int)> all = [];
        for (int i = 0; i < text.Length;)
        {
            int end = Match(text, i, 0);
            if (end > i)
                all.Add((i, end - i));
            i = end > i ? end : i + LengthAt(text, i);
        }
        return all;
    }

    /// <summary>Where what matches from there ends, as much as can be; -1 where nothing does.</summary>
    private int Match(ReadOnlySpan<char> text, int start, int index)
    {
        if (index == _items.Count)
            return start;
        Item item = _items[index];
        List<int> ends = [start];
        for (int at = start; ends.Count <= item.Most && at < text.Length && item.Accepts(RuneAt(text, at)); ends.Add(at))
            at += LengthAt(text, at);
        for (int count = ends.Count - 1; count >= item.Least; count--)
        {
            if (Match(text, ends[count], index + 1) is >= 0 and int end)
                return end;
        }
        return -1;
    }

    private static Rune RuneAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out Rune rune, out _);
        return rune;
    }

    private static int LengthAt(ReadOnlySpan<char> text, int at) => RuneAt(text, at) is var rune && at + rune.Utf16SequenceLength <= text.Length ? rune.Utf16SequenceLength : 1;

    /// <summary>A kind of characters, and how many of it.</summary>
    internal sealed record Item(Func<Rune, bool> Accepts, int Least, int Most);

    /// <summary>Reads the expressions that have one meaning in all dialects.</summary>
    private sealed class ExpressionReader(string expression)
    {
        private readonly Rune[] _runes = [.. expression.EnumerateRunes()];
        private int _at;

        public bool IsAtEnd => _at == _runes.Length;

        public Item ReadItem()
        {
            Func<Rune, bool> accepts = Next() switch
            {
                '[' => ReadClass(),
                '\\' => ReadEscape(),
                '.' => rune => rune.Value != '\n',
                '(' or ')' or '|' or '^' or '$' or '*' or '+' or '?' or '{' or ']' or '}' => throw NotDone(),
                var literal => rune => rune.Value == literal,
            };
            (int least, int most) = ReadCount();
            return new(accepts, least, most);
        }

        private int Next() => IsAtEnd ? throw NotDone() : _runes[_at++].Value;

        private bool Take(char c)
        {
            if (IsAtEnd || _runes[_at].Value != c)
                return false;
            _at++;
            return true;
        }

        private (int Least, int Most) ReadCount()
        {
            (int, int) count = Take('*') ? (0, int.MaxValue) : Take('+') ? (1, int.MaxValue) : Take('?') ? (0, 1) : Take('{') ? ReadBraces() : (1, 1);
            // lazy and possessive counts, and counts of counts
            return !IsAtEnd && _runes[_at].Value is '*' or '+' or '?' or '{' && count != (1, 1) ? throw NotDone() : count;
        }

        private (int Least, int Most) ReadBraces()
        {
            int least = ReadNumber() ?? throw NotDone();
            int most = Take(',') ? ReadNumber() ?? int.MaxValue : least;
            return Take('}') && most >= least ? (least, most) : throw NotDone();
        }

        private int? ReadNumber()
        {
            int start = _at;
            while (!IsAtEnd && _runes[_at].Value is >= '0' and <= '9')
                _at++;
            return int.TryParse(string.Concat(_runes[start.._at]), CultureInfo.InvariantCulture, out int number) ? number : null;
        }

        private Func<Rune, bool> ReadClass()
        {
            bool negated = Take('^');
            List<Func<Rune, bool>> parts = [];
            while (!Take(']'))
            {
                int first = Next();
                if (first == '\\')
                {
                    parts.Add(ReadEscape());
                    continue;
                }
                // sets within sets, and their intersections
                if (first is '[' or '&')
                    throw NotDone();
                int last = first;
                if (_at + 1 < _runes.Length && _runes[_at].Value == '-' && _runes[_at + 1].Value is not (']' or '\\'))
                {
                    _at++;
                    last = Next();
                }
                parts.Add(rune => rune.Value >= first && rune.Value <= last);
            }
            return parts.Count == 0 ? throw NotDone() : rune => parts.Exists(part => part(rune)) != negated;
        }

        private Func<Rune, bool> ReadEscape()
        {
            int c = Next();
            return c switch
            {
                's' => Rune.IsWhiteSpace,
                'S' => rune => !Rune.IsWhiteSpace(rune),
                'd' => rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber,
                'n' => rune => rune.Value == '\n',
                't' => rune => rune.Value == '\t',
                'r' => rune => rune.Value == '\r',
                'p' => ReadCategory(),
                'P' => ReadCategory() is var category ? rune => !category(rune) : throw NotDone(),
                (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') => throw NotDone(),
                _ => rune => rune.Value == c,
            };
        }

        private Func<Rune, bool> ReadCategory()
        {
            int end = Take('{') ? Array.FindIndex(_runes, _at, rune => rune.Value == '}') : -1;
            if (end < 0)
                throw NotDone();
            string name = string.Concat(_runes[_at..end]);
            _at = end + 1;
            return UnicodeCategories.Of(name) ?? throw NotDone();
        }

        private TokenizerException NotDone() =>
            new($"the normalizer's Replace has the expression '{expression}', of which '{string.Concat(_runes[Math.Max(0, _at - 1)..])}' is not computed here.");
    }
}
