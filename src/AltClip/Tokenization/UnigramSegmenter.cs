using System.Runtime.CompilerServices;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>
/// Finds the most probable pieces of a word: one Viterbi pass over its UTF-16 units with 64-bit scores, summed from the left and
/// with the earlier start kept on a tie, as the Unigram model of the tokenizers library does. Neighbouring unknown characters make
/// one unknown token.
/// </summary>
internal sealed class UnigramSegmenter
{
    private const double UnknownPenalty = 10;

    private readonly PieceTrie _trie;
    private readonly int _unknownId;
    private readonly double _unknownScore;
    /// <summary>Where the trie has the unknown token's own text, which the normalised text may spell out.</summary>
    private readonly int _unknownPlace;

    /// <summary>The pieces that stand for bytes, -1 where the vocabulary lacks one; null where nothing falls back to them.</summary>
    private readonly int[]? _byteIds;

    public UnigramSegmenter(PieceTable pieces, int unknownId, bool fallsBackToBytes = false)
    {
        _trie = new PieceTrie(pieces);
        _unknownId = unknownId;
        _unknownPlace = _trie.Find(pieces[unknownId]);
        double lowest = double.PositiveInfinity;
        for (int id = 0; id < pieces.Count; id++)
            lowest = Math.Min(lowest, pieces.Score(id));
        _unknownScore = lowest - UnknownPenalty;
        if (fallsBackToBytes)
            _byteIds = [.. Enumerable.Range(0, 256).Select(value => Find($"<0x{value:X2}>") ?? -1)];
    }

    /// <summary>The id of exactly this piece, null where the vocabulary lacks it.</summary>
    public int? Find(ReadOnlySpan<char> piece) => _trie.Find(piece) is >= 0 and int place ? _trie.IdOf(place) : null;

    /// <summary>Adds the tokens of the word that lies at <paramref name="start"/> to <paramref name="end"/> of the text.</summary>
    public void Segment(NormalizedText text, int start, int end, SegmenterBuffer buffer, TokenList tokens)
    {
        ReadOnlySpan<char> word = text.Chars.AsSpan(start, end - start);
        Span<PathNode> best = buffer.Nodes(word.Length);
        FillBestPaths(word, best);

        if (_byteIds is not null)
        {
            AddWithBytes(text, start, best, tokens);
            return;
        }
        int count = 0;
        bool unknownAfter = false;
        for (int i = word.Length; i > 0; i = best[i].Start)
        {
            bool unknown = IsUnknown(best[i]);
            if (!(unknown && unknownAfter))
                count++;
            unknownAfter = unknown;
        }

        int index = tokens.Extend(count) + count;
        unknownAfter = false;
        for (int i = word.Length, tokenEnd = i; i > 0; i = best[i].Start)
        {
            bool unknown = IsUnknown(best[i]);
            if (!(unknown && unknownAfter))
            {
                tokens.SetId(--index, unknown ? _unknownId : _trie.IdOf(best[i].Place));
                tokenEnd = i;
            }
            unknownAfter = unknown;
            if (text.TracksOffsets)
                tokens.SetOffset(index, text.From[start + best[i].Start], text.To[start + tokenEnd - 1]);
        }
    }

    /// <summary>Neighbouring unknown characters become the pieces of all their bytes, or where one of these lacks, the unknown token.</summary>
    private void AddWithBytes(NormalizedText text, int start, ReadOnlySpan<PathNode> best, TokenList tokens)
    {
        List<(int Start, int End, int Place)> path = [];
        for (int i = best.Length - 1; i > 0; i = best[i].Start)
        {
            int place = IsUnknown(best[i]) ? -1 : best[i].Place;
            // the text of the unknown token is its own, unless unknown characters touch it
            if (place < 0 && path is [.., { Place: -1 } after])
                path[^1] = (best[i].Start, after.End, -1);
            else
                path.Add((best[i].Start, i, place));
        }
        for (int i = path.Count - 1; i >= 0; i--)
        {
            (int from, int end, int place) = path[i];
            (int first, int last) = text.TracksOffsets ? (text.From[start + from], text.To[start + end - 1]) : default;
            ReadOnlySpan<char> part = text.Chars.AsSpan(start + from, end - from);
            byte[] bytes = place < 0 && _trie.Find(part) < 0 ? Encoding.UTF8.GetBytes(part.ToArray()) : [];
            if (bytes.Length == 0 || bytes.Any(value => _byteIds![value] < 0))
            {
                tokens.Add(place < 0 ? _unknownId : _trie.IdOf(place), first, last);
                continue;
            }
            foreach (byte value in bytes)
                tokens.Add(_byteIds![value], first, last);
        }
    }

    private bool IsUnknown(in PathNode node) => node.Place < 0 || node.Place == _unknownPlace;

    private void FillBestPaths(ReadOnlySpan<char> word, Span<PathNode> best)
    {
        ReadOnlySpan<PieceTrie.Entry> entries = _trie.Entries;
        best[0].Score = 0;
        for (int i = 1; i < best.Length; i++)
            best[i].Score = double.NegativeInfinity;

        for (int start = 0; start < word.Length;)
        {
            int next = start + (char.IsHighSurrogate(word[start]) ? 2 : 1);
            double before = best[start].Score;
            bool covered = false;
            int place = word[start];
            for (int end = start; ;)
            {
                ref readonly PieceTrie.Entry entry = ref entries[place];
                if (!entry.Is(word[end]))
                    break;
                best[++end].Offer(before + entry.Score, start, place);
                covered |= end == next && entry.EndsPiece;
                if (end == word.Length)
                    break;
                place = entry.PlaceOf(word[end]);
            }
            if (!covered)
                best[next].Offer(before + _unknownScore, start, -1);
            start = next;
        }
    }
}

/// <summary>The best way found so far to a place in a word.</summary>
internal struct PathNode
{
    public double Score;
    public int Start;

    /// <summary>The trie's entry of the last piece, -1 for the unknown one.</summary>
    public int Place;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(double score, int start, int place)
    {
        if (score > Score)
            (Score, Start, Place) = (score, start, place);
    }
}

/// <summary>The nodes of one word's paths; used again for the next.</summary>
internal sealed class SegmenterBuffer
{
    private PathNode[] _nodes = new PathNode[64];

    public Span<PathNode> Nodes(int length)
    {
        if (_nodes.Length <= length)
            _nodes = new PathNode[Math.Max(length + 1, _nodes.Length * 2)];
        return _nodes.AsSpan(0, length + 1);
    }
}
