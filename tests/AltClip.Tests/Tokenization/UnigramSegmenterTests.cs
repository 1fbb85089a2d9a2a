using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public class UnigramSegmenterTests
{
    [Fact]
    public void Random_words_get_the_pieces_of_a_plain_search()
    {
        var random = new Random(7);
        string[] units = ["a", "b", "c", "▁", "é", "猫", "😀", "𝒜", "\0"];
        for (int round = 0; round < 40; round++)
        {
            (string Text, double Score)[] vocabulary =
            [
                .. TinyTokenizer.Specials,
                .. Enumerable.Range(0, 60).Select(_ => Word(1 + random.Next(5))).Distinct().Where(w => w != "b").Select(w => (w, -random.Next(1, 12) / 2.0)),
            ];
            var segmenter = new UnigramSegmenter(Table(vocabulary), unknownId: 3);
            for (int i = 0; i < 50; i++)
            {
                string word = Word(1 + random.Next(30));
                Assert.Equal(Search(vocabulary, word), Segment(segmenter, word));
            }
        }

        string Word(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => units[random.Next(units.Length)]));
    }

    [Fact]
    public void An_unknown_token_spelt_out_joins_unknown_neighbours()
    {
        var segmenter = new UnigramSegmenter(Table([.. TinyTokenizer.Specials, ("a", -1)]), unknownId: 3);

        Assert.Equal([(3, 0, 7), (4, 7, 8), (3, 8, 9)], Segment(segmenter, "x<unk>xax"));
    }

    [Fact]
    public void Of_two_best_ways_the_one_with_the_earlier_last_start_wins()
    {
        var segmenter = new UnigramSegmenter(Table([.. TinyTokenizer.Specials, ("ab", -1), ("c", -1), ("a", -1), ("bc", -1)]), unknownId: 3);

        Assert.Equal([(6, 0, 1), (7, 1, 3)], Segment(segmenter, "abc"));
    }

    [Fact]
    public void Every_piece_of_a_wide_vocabulary_is_found_and_nothing_else()
    {
        var random = new Random(3);
        // parents of all widths: one piece for each unit, thousands after "a", a few hundred after "b"
        HashSet<string> pieces =
        [
            .. Enumerable.Range(1, 0xD7FF).Select(c => ((char)c).ToString()),
            .. Enumerable.Range(0x4E00, 5000).Select(c => $"a{(char)c}"),
            .. Enumerable.Range(0x400, 300).Select(c => $"b{(char)c}x"),
            .. Enumerable.Range(0, 20_000).Select(_ => new string([.. Enumerable.Range(0, 1 + random.Next(9)).Select(_ => (char)random.Next('a', 'h'))])),
        ];
        var trie = new PieceTrie(Table(pieces.Select(p => (p, -1.0))));

        int id = 0;
        foreach (string piece in pieces)
            Assert.Equal(id++, trie.IdOf(trie.Find(piece)));
        Assert.Equal(9, trie.Longest);
        Assert.All(["", "\uE000", "b\u0400", "b\u0400xx", "a\u3000"], other => Assert.Equal(-1, trie.Find(other)));
        for (int i = 0; i < 20_000; i++)
        {
            string other = new([.. Enumerable.Range(0, 1 + random.Next(9)).Select(_ => (char)random.Next('a', 'i'))]);
            Assert.Equal(pieces.Contains(other), trie.Find(other) >= 0);
        }
    }

    [Fact]
    public void A_piece_listed_twice_has_the_later_id()
    {
        var trie = new PieceTrie(Table([("ab", -1), ("a", -2), ("ab", -3), ("", -4)]));

        Assert.Equal(2, trie.IdOf(trie.Find("ab")));
        Assert.Equal(1, trie.IdOf(trie.Find("a")));
        Assert.Equal(-1, trie.Find(""));
    }

    private static PieceTable Table(IEnumerable<(string Text, double Score)> pieces)
    {
        var builder = new PieceTable.Builder();
        foreach ((string text, double score) in pieces)
            builder.Add(text, score);
        return builder.Build();
    }

    private static (int Id, int From, int To)[] Segment(UnigramSegmenter segmenter, string word)
    {
        var text = new NormalizedText();
        text.Clear(word.Length, trackOffsets: true);
        text.AppendUnchanged(word);
        text.Align(word, 0);
        var tokens = new TokenList();
        tokens.Clear(trackOffsets: true);
        segmenter.Segment(text, text.Start, text.End, new SegmenterBuffer(), tokens);
        return [.. tokens.Ids.ToArray().Select((id, i) => (id, tokens.Offset(i).Start, tokens.Offset(i).End))];
    }

    /// <summary>The reference's search as it is defined: every piece tried at every place, from the left.</summary>
    private static (int Id, int From, int To)[] Search((string Text, double Score)[] vocabulary, string word)
    {
        double unknown = vocabulary.Min(p => p.Score) - 10;
        var best = new (double Score, int Start, int Id)?[word.Length + 1];
        best[0] = (0, 0, 0);
        for (int start = 0; start < word.Length; start += char.IsHighSurrogate(word[start]) ? 2 : 1)
        {
            int next = start + (char.IsHighSurrogate(word[start]) ? 2 : 1);
            for (int end = start + 1; end <= word.Length; end++)
            {
                int id = Array.FindIndex(vocabulary, p => p.Text == word[start..end]);
                if (id >= 0)
                    Offer(start, end, id, vocabulary[id].Score);
            }
            if (!vocabulary.Any(p => p.Text == word[start..next]))
                Offer(start, next, 3, unknown);
        }
        List<(int Id, int From, int To)> tokens = [];
        for (int end = word.Length; end > 0; end = best[end]!.Value.Start)
        {
            (_, int start, int id) = best[end]!.Value;
            if (id == 3 && tokens is [.., (3, _, var to)])
                tokens[^1] = (3, start, to);
            else
                tokens.Add((id, start, end));
        }
        tokens.Reverse();
        return [.. tokens];

        void Offer(int start, int end, int id, double score)
        {
            double candidate = best[start]!.Value.Score + score;
            if (best[end] is not { } old || candidate > old.Score)
                best[end] = (candidate, start, id);
        }
    }
}
