using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace AltClip.Training.Teacher;

/// <summary>
/// CLIP's words: English contractions, runs of letters, single digits, and runs of what is neither letter, digit nor whitespace. By code
/// points, where .NET's regular expressions take a letter outside the basic plane for two surrogates.
/// </summary>
internal sealed class CLIPPreTokenizer : PreTokenizer
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Whitespace,
        Letter,
        Digit,
        Other,
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            (end, bool isWord) = Next(text, start);
            if (isWord)
                yield return (start, end - start);
        }
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    private static (int End, bool IsWord) Next(string text, int start)
    {
        foreach (string contraction in Contractions)
        {
            if (text.AsSpan(start).StartsWith(contraction, StringComparison.Ordinal))
                return (start + contraction.Length, true);
        }
        (Kind kind, int end) = Read(text, start);
        while (kind is Kind.Letter or Kind.Other && end < text.Length && Read(text, end) is var next && next.Kind == kind)
            end = next.End;
        return (end, kind != Kind.Whitespace);
    }

    private static (Kind Kind, int End) Read(string text, int index)
    {
        Rune rune = Rune.GetRuneAt(text, index);
        Kind kind = Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Digit,
            _ => Rune.IsWhiteSpace(rune) ? Kind.Whitespace : Kind.Other,
        };
        return (kind, index + rune.Utf16SequenceLength);
    }
}
