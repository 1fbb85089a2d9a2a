using System.Globalization;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>The normalisers of the tokenizers library that change characters one by one, or words of them.</summary>
internal static class NormalizerSteps
{
    /// <summary>Unicode's forms C, D, KC and KD.</summary>
    internal sealed record UnicodeForm(bool Composes, bool IsCompatible) : TextNormalizer.Step
    {
        public override void Apply(NormalizedText text)
        {
            string before = text.Span.ToString(), after = Normalized(before);
            if (after == before)
                return;
            // by what people see as one character, where that makes no difference, so that places stay known
            List<TextEdit> edits = text.TracksOffsets ? ByElement(before) : [];
            if (string.Concat(edits.Select(edit => edit.Replacement)) != after)
                edits = [new TextEdit(0, before.Length, after)];
            text.Rewrite(edits);
        }

        private List<TextEdit> ByElement(string text)
        {
            List<TextEdit> edits = [];
            for (int i = 0, length; i < text.Length; i += length)
            {
                length = StringInfo.GetNextTextElementLength(text, i);
                edits.Add(new TextEdit(i, length, Normalized(text.Substring(i, length))));
            }
            return edits;
        }

        private string Normalized(string text) => NormalizationFormC.Normalize(text, Composes, IsCompatible);
    }

    /// <summary>Changes or drops each character by itself.</summary>
    /// <param name="Change">What a character becomes; null for itself.</param>
    internal sealed record EachRune(Func<Rune, string?> Change) : TextNormalizer.Step
    {
        public override void Apply(NormalizedText text)
        {
            List<TextEdit> edits = [];
            int at = 0;
            foreach (Rune rune in text.Span.EnumerateRunes())
            {
                if (Change(rune) is { } changed)
                    edits.Add(new TextEdit(at, rune.Utf16SequenceLength, changed));
                at += rune.Utf16SequenceLength;
            }
            text.Rewrite(edits);
        }
    }

    /// <summary>Puts a text before any that isn't empty.</summary>
    internal sealed record Prepend(string Content) : TextNormalizer.Step
    {
        public override void Apply(NormalizedText text)
        {
            if (!text.Span.IsEmpty)
                text.Rewrite([new TextEdit(0, 0, Content)]);
        }
    }

    /// <summary>Replaces all that a pattern finds.</summary>
    internal sealed record Replace(ReplacePattern Pattern, string Content) : TextNormalizer.Step
    {
        public override void Apply(NormalizedText text) =>
            text.Rewrite([.. Pattern.Find(text.Span).Select(found => new TextEdit(found.Start, found.Length, Content))]);
    }

    /// <summary>SentencePiece's compiled rules, where they are not the first step.</summary>
    internal sealed record Compiled(PrecompiledCharsMap Map) : TextNormalizer.Step
    {
        public override void Apply(NormalizedText text)
        {
            var output = new NormalizedText();
            output.Clear(text.Span.Length, text.TracksOffsets);
            Map.Normalize(text.Span, output);
            if (!text.TracksOffsets)
            {
                text.Rewrite([new TextEdit(0, text.Span.Length, output.Span.ToString())]);
                return;
            }
            output.Align(text.Span, 0);
            text.Rewrite([.. Edits(text.Span.Length, output)]);
        }

        private static List<TextEdit> Edits(int length, NormalizedText output)
        {
            List<TextEdit> edits = [];
            int done = 0;
            for (int i = output.Start; i < output.End;)
            {
                int end = i + 1;
                while (end < output.End && output.From[end] < output.To[i])
                    end++;
                int start = Math.Max(done, output.From[i]), stop = Math.Max(start, output.To[end - 1]);
                if (start > done)
                    edits.Add(new TextEdit(done, start - done, ""));
                edits.Add(new TextEdit(start, stop - start, new string(output.Chars, i, end - i)));
                (done, i) = (stop, end);
            }
            if (done < length)
                edits.Add(new TextEdit(done, length - done, ""));
            return edits;
        }
    }

    /// <summary>Small letters, each by itself: U+0130 is the one that becomes two.</summary>
    public static EachRune Lowercase { get; } = new(rune => rune.Value == 0x130 ? "i\u0307" : Changed(rune, Rune.ToLowerInvariant(rune)));

    public static EachRune StripAccents { get; } = new(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark ? "" : null);

    /// <summary>The rules of neural machine translation: no control characters, and spaces for what stands like one.</summary>
    public static EachRune Nmt { get; } = new(rune => rune.Value switch
    {
        (>= 0x1 and <= 0x8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F => "",
        0x9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => " ",
        _ => null,
    });

    private static string? Changed(Rune before, Rune after) => before == after ? null : after.ToString();
}
