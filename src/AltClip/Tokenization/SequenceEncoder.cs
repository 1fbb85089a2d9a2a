namespace AltClip.Tokenization;

/// <summary>Text to tokens: added tokens, normalisation, words, pieces. Immutable; what changes is in the buffers.</summary>
internal sealed class SequenceEncoder
{
    private readonly TokenizerModel _model;
    private readonly UnigramSegmenter _segmenter;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;

    public SequenceEncoder(TokenizerModel model, UnigramSegmenter segmenter, IReadOnlyCollection<AddedToken> addedTokens)
    {
        _model = model;
        _segmenter = segmenter;
        _rawTokens = new(addedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        _normalizedTokens = new(addedTokens.Where(t => t.Normalized).Select(t => (model.Normalizer.Normalize(t.Content), t)));
    }

    /// <summary>Adds the tokens of <paramref name="text"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, EncodingBuffers buffers, TokenList tokens)
    {
        int done = 0, search = 0;
        while (_rawTokens.TryFind(text, ref search, done, out var match))
        {
            EncodeSegment(text[done..Math.Max(match.Start, done)], done, buffers, tokens);
            tokens.Add(match.Token.Id, match.Start, match.End);
            done = match.End;
        }
        EncodeSegment(text[done..], done, buffers, tokens);
    }

    private void EncodeSegment(ReadOnlySpan<char> segment, int offset, EncodingBuffers buffers, TokenList tokens)
    {
        if (segment.IsEmpty)
            return;
        NormalizedText text = buffers.Text;
        _model.Normalizer.Normalize(segment, offset, tokens.TracksOffsets || _model.Metaspace?.Scheme == MetaspaceScheme.First, text);
        if (_normalizedTokens.IsEmpty)
        {
            EncodeWords(text, text.Start, text.End, buffers, tokens);
            return;
        }
        int done = 0, search = 0;
        while (_normalizedTokens.TryFind(text.Span, ref search, done, out var match))
        {
            int start = text.Start + match.Start, end = text.Start + match.End;
            // before the words, for their ▁ may be written over this text
            (int from, int to) = text.TracksOffsets ? (text.From[start], text.To[end - 1]) : default;
            EncodeWords(text, text.Start + done, Math.Max(start, text.Start + done), buffers, tokens);
            tokens.Add(match.Token.Id, from, to);
            done = match.End;
        }
        EncodeWords(text, text.Start + done, text.End, buffers, tokens);
    }

    private void EncodeWords(NormalizedText text, int start, int end, EncodingBuffers buffers, TokenList tokens)
    {
        if (!_model.SplitsOnWhitespace)
        {
            EncodeMetaspaced(text, start, end, buffers, tokens);
            return;
        }
        while (start < end)
        {
            if (char.IsWhiteSpace(text.Chars[start]))
            {
                start++;
                continue;
            }
            int wordEnd = start + 1;
            while (wordEnd < end && !char.IsWhiteSpace(text.Chars[wordEnd]))
                wordEnd++;
            EncodeMetaspaced(text, start, wordEnd, buffers, tokens);
            start = wordEnd;
        }
    }

    /// <summary>Writes spaces as <c>▁</c>, puts one in front where the model wants it, and segments what each of them begins.</summary>
    private void EncodeMetaspaced(NormalizedText text, int start, int end, EncodingBuffers buffers, TokenList tokens)
    {
        if (start == end)
            return;
        if (_model.Metaspace is not { } metaspace)
        {
            _segmenter.Segment(text, start, end, buffers.Segmenter, tokens);
            return;
        }
        char sign = metaspace.Sign;
        text.Chars.AsSpan(start, end - start).Replace(' ', sign);
        if (Prepends(metaspace, text, start) && text.Chars[start] != sign)
            text.Prepend(start--, sign);
        while (start < end)
        {
            int next = metaspace.Splits ? text.Chars.AsSpan(start + 1, end - start - 1).IndexOf(sign) : -1;
            int pieceEnd = next < 0 ? end : start + 1 + next;
            _segmenter.Segment(text, start, pieceEnd, buffers.Segmenter, tokens);
            start = pieceEnd;
        }
    }

    private static bool Prepends(Metaspace metaspace, NormalizedText text, int start) =>
        metaspace.Scheme == MetaspaceScheme.Always || (metaspace.Scheme == MetaspaceScheme.First && text.From[start] == 0);
}
