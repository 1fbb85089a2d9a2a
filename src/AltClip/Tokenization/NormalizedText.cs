using System.Runtime.CompilerServices;

namespace AltClip.Tokenization;

/// <summary>
/// A piece of text on its way through normalisation, with, where offsets are wanted, the place in the original text that each of
/// its UTF-16 units stands for. The buffers are used again for the next text.
/// </summary>
/// <remarks>
/// The unit before <see cref="Start"/> is always free: a word's <c>▁</c> is written there, over whitespace or text already done
/// with, so no word is ever copied.
/// </remarks>
internal sealed class NormalizedText
{
    /// <summary>Marks the second unit of a surrogate pair among the changes.</summary>
    private const int Continuation = int.MinValue;

    private char[] _chars = new char[256];
    private int[] _changes = [];
    private int[] _from = [];
    private int[] _to = [];

    public bool TracksOffsets { get; private set; }

    public int Start { get; set; }

    public int End { get; set; }

    public char[] Chars => _chars;

    /// <summary>Where the unit's source starts in the original text; only with <see cref="TracksOffsets"/>.</summary>
    public int[] From => _from;

    /// <summary>Where the unit's source ends in the original text; only with <see cref="TracksOffsets"/>.</summary>
    public int[] To => _to;

    public ReadOnlySpan<char> Span => _chars.AsSpan(Start, End - Start);

    public void Clear(int expectedLength, bool trackOffsets)
    {
        Start = End = 1;
        TracksOffsets = trackOffsets;
        Reserve(expectedLength);
    }

    /// <summary>Adds characters that the normaliser leaves as they are.</summary>
    public void AppendUnchanged(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_chars.AsSpan(End));
        if (TracksOffsets)
        {
            for (int i = 0; i < text.Length; i++)
                _changes[End + i] = char.IsLowSurrogate(text[i]) ? Continuation : 0;
        }
        End += text.Length;
    }

    /// <summary>
    /// Adds what stands for <paramref name="replaced"/> code points of the source. The book-keeping is the reference's: of a longer
    /// replacement the last code points count as inserted, and what a shorter one leaves out is added to the last code point
    /// written, whichever replacement that belonged to.
    /// </summary>
    public void AppendReplacement(int replaced, ReadOnlySpan<char> replacement)
    {
        Reserve(replacement.Length);
        replacement.CopyTo(_chars.AsSpan(End));
        End += replacement.Length;
        if (TracksOffsets)
            TrackReplacement(replaced, replacement);
    }

    /// <summary>Turns the changes into places in the original text, of which the source starts at <paramref name="offset"/>.</summary>
    public void Align(ReadOnlySpan<char> source, int offset)
    {
        int position = 0;
        for (int i = Start; i < End; i++)
        {
            int change = _changes[i];
            if (change == Continuation)
            {
                (_from[i], _to[i]) = (_from[i - 1], _to[i - 1]);
                continue;
            }
            int from = position;
            if (change > 0)
                from -= position == 0 ? 0 : CodePointLengthBefore(source, position);
            else
                position += CodePointLength(source, position);
            (_from[i], _to[i]) = (offset + from, offset + position);
            for (; change < 0; change++)
                position += CodePointLength(source, position);
        }
    }

    /// <summary>Replaces every run of two or more spaces, which then stands for the last of them.</summary>
    public void ReplaceSpaceRuns(string replacement)
    {
        int write = Start;
        for (int read = Start; read < End;)
        {
            int run = read;
            while (run < End && _chars[run] == ' ')
                run++;
            if (run - read < 2)
            {
                Move(read++, write++);
                continue;
            }
            foreach (char c in replacement)
            {
                Move(run - 1, write);
                _chars[write++] = c;
            }
            read = run;
        }
        End = write;
    }

    /// <summary>
    /// Puts other text in the place of parts of this one. What replaces a part stands for all of it; what is put in before text stands for
    /// the place of what follows.
    /// </summary>
    /// <param name="edits">The parts, from left to right, by their places in <see cref="Span"/>.</param>
    public void Rewrite(IReadOnlyList<TextEdit> edits)
    {
        if (edits.Count == 0)
            return;
        char[] chars = Span.ToArray();
        int[] from = TracksOffsets ? _from.AsSpan(Start, chars.Length).ToArray() : [], to = TracksOffsets ? _to.AsSpan(Start, chars.Length).ToArray() : [];
        Start = End = 1;
        Reserve(chars.Length + edits.Sum(edit => edit.Replacement.Length));
        int done = 0;
        foreach (TextEdit edit in edits)
        {
            Keep(done, edit.Start);
            int first = Math.Min(edit.Start, chars.Length - 1), last = Math.Max(first, edit.Start + edit.Length - 1);
            foreach (char c in edit.Replacement)
                Append(c, TracksOffsets && chars.Length > 0 ? from[first] : 0, TracksOffsets && chars.Length > 0 ? to[last] : 0);
            done = edit.Start + edit.Length;
        }
        Keep(done, chars.Length);

        void Keep(int start, int end)
        {
            for (int i = start; i < end; i++)
                Append(chars[i], TracksOffsets ? from[i] : 0, TracksOffsets ? to[i] : 0);
        }
    }

    public void Strip(bool left, bool right)
    {
        while (right && End > Start && char.IsWhiteSpace(_chars[End - 1]))
            End--;
        while (left && Start < End && char.IsWhiteSpace(_chars[Start]))
            Start++;
    }

    /// <summary>Writes <paramref name="c"/> before <paramref name="start"/>, standing for the same place as the unit there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prepend(int start, char c)
    {
        _chars[start - 1] = c;
        if (TracksOffsets)
        {
            _from[start - 1] = _from[start];
            _to[start - 1] = _to[start];
        }
    }

    private static int CodePointLength(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static int CodePointLengthBefore(ReadOnlySpan<char> text, int at) =>
        at > 1 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;

    private void TrackReplacement(int replaced, ReadOnlySpan<char> replacement)
    {
        int first = End - replacement.Length, count = 0;
        for (int i = 0; i < replacement.Length; i++)
        {
            bool continues = char.IsLowSurrogate(replacement[i]);
            _changes[first + i] = continues ? Continuation : 0;
            count += continues ? 0 : 1;
        }
        int difference = count - replaced;
        for (int i = End - 1; i >= Start && difference != 0; i--)
        {
            if (_changes[i] == Continuation)
                continue;
            if (difference < 0)
            {
                _changes[i] += difference;
                return;
            }
            _changes[i] = 1;
            difference--;
        }
    }

    private void Append(char c, int from, int to)
    {
        _chars[End] = c;
        if (TracksOffsets)
            (_from[End], _to[End]) = (from, to);
        End++;
    }

    private void Move(int from, int to)
    {
        _chars[to] = _chars[from];
        if (TracksOffsets)
        {
            _from[to] = _from[from];
            _to[to] = _to[from];
        }
    }

    private void Reserve(int more)
    {
        if (_chars.Length - End < more)
            Array.Resize(ref _chars, Math.Max(_chars.Length * 2, End + more));
        if (TracksOffsets && _changes.Length < _chars.Length)
        {
            Array.Resize(ref _changes, _chars.Length);
            Array.Resize(ref _from, _chars.Length);
            Array.Resize(ref _to, _chars.Length);
        }
    }
}
