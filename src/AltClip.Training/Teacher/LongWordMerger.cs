using System.Text;

namespace AltClip.Training.Teacher;

/// <summary>
/// Byte-pair encoding (Sennrich et al., arXiv 1508.07909) of words of any length in n log n: the next pair comes from a queue. The tokenizer's own
/// library looks through the whole word for it, which is faster for the words that languages have.
/// </summary>
internal sealed class LongWordMerger
{
    /// <summary>From how many characters on a word is better given here.</summary>
    public const int FewestCharacters = 256;

    private readonly int[] _bytes = new int[256];
    private readonly int[] _lastBytes = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];

    private LongWordMerger()
    {
    }

    /// <summary>What the vocabulary says; null where it lacks a byte, of which only the library knows what becomes.</summary>
    public static LongWordMerger? Create(CLIPVocabulary vocabulary)
    {
        var merger = new LongWordMerger();
        for (int value = 0; value < 256; value++)
        {
            string symbol = Symbol(value).ToString();
            if (!vocabulary.Ids.TryGetValue(symbol, out merger._bytes[value])
                || !vocabulary.Ids.TryGetValue(symbol + CLIPTokenizer.EndOfWord, out merger._lastBytes[value]))
                return null;
        }
        for (int rank = 0; rank < vocabulary.Merges.Count; rank++)
        {
            if (vocabulary.Merges[rank].Split(' ') is [var left, var right] && vocabulary.Ids.TryGetValue(left, out int leftId)
                && vocabulary.Ids.TryGetValue(right, out int rightId) && vocabulary.Ids.TryGetValue(left + right, out int id))
                merger._merges.TryAdd((leftId, rightId), (rank, id));
        }
        return merger;
    }

    /// <summary>Adds the ids of a word.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> output)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, utf8);
        int[] ids = Array.ConvertAll(utf8, value => _bytes[value]);
        if (ids.Length == 0)
            return;
        ids[^1] = _lastBytes[utf8[^1]];
        // -1 marks what has become part of its left neighbour
        int[] next = [.. Enumerable.Range(1, ids.Length)], previous = [.. Enumerable.Range(-1, ids.Length)];
        var queue = new PriorityQueue<(int Place, int Left, int Right, int Id), (int Rank, int Place)>();
        for (int i = 0; i < ids.Length; i++)
            Offer(i);
        while (queue.TryDequeue(out var pair, out _))
        {
            (int place, int left, int right, int id) = pair;
            int second = next[place];
            if (ids[place] != left || second >= ids.Length || ids[second] != right)
                continue;
            ids[place] = id;
            ids[second] = -1;
            next[place] = next[second];
            if (next[place] < ids.Length)
                previous[next[place]] = place;
            Offer(previous[place]);
            Offer(place);
        }
        output.AddRange(ids.Where(id => id >= 0));

        void Offer(int place)
        {
            if (place >= 0 && next[place] < ids.Length && _merges.TryGetValue((ids[place], ids[next[place]]), out var merge))
                queue.Enqueue((place, ids[place], ids[next[place]], merge.Id), (merge.Rank, place));
        }
    }

    /// <summary>GPT-2's character for a byte: itself where it can be seen, else one from U+0100 on.</summary>
    private static char Symbol(int value)
    {
        if (IsSeen(value))
            return (char)value;
        int hidden = 0;
        for (int before = 0; before < value; before++)
            hidden += IsSeen(before) ? 0 : 1;
        return (char)(256 + hidden);
    }

    private static bool IsSeen(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
