namespace AltClip.Tokenization;

/// <summary>
/// The normaliser of a tokenizer file: SentencePiece's compiled rules, then further steps, such as those that transformers adds when it
/// converts a SentencePiece model (trailing whitespace goes, runs of spaces become one <c>▁</c>). The published <c>tokenizer.json</c> has
/// the rules alone.
/// </summary>
internal sealed class TextNormalizer(PrecompiledCharsMap? charsMap, IReadOnlyList<TextNormalizer.Step> steps)
{
    public void Normalize(ReadOnlySpan<char> text, int offset, bool trackOffsets, NormalizedText output)
    {
        output.Clear(text.Length, trackOffsets);
        if (charsMap is not null)
            charsMap.Normalize(text, output);
        else
            CopyWellFormed(text, output);
        if (trackOffsets)
            output.Align(text, offset);
        foreach (Step step in steps)
            step.Apply(output);
    }

    public string Normalize(string text)
    {
        var output = new NormalizedText();
        Normalize(text, 0, trackOffsets: false, output);
        return output.Span.ToString();
    }

    private static void CopyWellFormed(ReadOnlySpan<char> text, NormalizedText output)
    {
        while (!text.IsEmpty)
        {
            int lone = Utf16.IndexOfLoneSurrogate(text);
            output.AppendUnchanged(lone < 0 ? text : text[..lone]);
            if (lone < 0)
                return;
            output.AppendReplacement(1, "\uFFFD");
            text = text[(lone + 1)..];
        }
    }

    /// <summary>Something done to the text after the compiled rules.</summary>
    internal abstract record Step
    {
        public abstract void Apply(NormalizedText text);
    }

    internal sealed record Strip(bool Left, bool Right) : Step
    {
        public override void Apply(NormalizedText text) => text.Strip(Left, Right);
    }

    /// <summary>Puts at most two characters in the place of each run of two or more spaces.</summary>
    internal sealed record ReplaceSpaceRuns(string Content) : Step
    {
        public override void Apply(NormalizedText text) => text.ReplaceSpaceRuns(Content);
    }
}
