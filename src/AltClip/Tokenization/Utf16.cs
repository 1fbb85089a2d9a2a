namespace AltClip.Tokenization;

/// <summary>Questions about UTF-16 text.</summary>
internal static class Utf16
{
    /// <summary>The index of the first surrogate that is not half of a pair, -1 where there is none.</summary>
    public static int IndexOfLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (int i = 0; ;)
        {
            int next = text[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0)
                return -1;
            i += next;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return i;
            i += 2;
        }
    }

    /// <summary>
    /// For every UTF-16 index of the text, its end included, the number of code points before it; null where the two are the same.
    /// An index within a pair counts as the pair's.
    /// </summary>
    public static int[]? CodePointIndices(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return null;
        var indices = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            indices[i] = count;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                indices[++i] = count;
            count++;
        }
        indices[^1] = count;
        return indices;
    }
}
