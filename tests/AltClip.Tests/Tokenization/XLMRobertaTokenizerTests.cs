using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public class XLMRobertaTokenizerTests
{
    private static XLMRobertaTokenizer Tokenizer => ReferenceTokenizer.Instance;

    [Fact]
    public void Each_sign_of_a_space_begins_a_word_from_either_file()
    {
        (string, double)[] pieces = [.. TinyTokenizer.Pieces, ("▁a▁ab", -0.1)];
        int[] ids = [0, 5, 7, 2]; // not the piece of both words, though it is likelier

        Assert.Equal(ids, TinyTokenizer.Load(TinyTokenizer.Json(pieces)).Encode("a▁ab").InputIds[0]);
        Assert.Equal(ids, TinyTokenizer.Load(TinyTokenizer.SentencePiece(pieces: pieces)).Encode("a▁ab").InputIds[0]);
    }

    [Fact]
    public void Lone_surrogates_count_as_replacement_characters()
    {
        // attributes cannot hold them
        foreach (string text in (string[])["\uD83D", "\uDE00", "a\uD800b", "a \uDC00\uD800 b\uD800", "cat\uD83D\u0301", "\uD800\uD83D\uDE00", "b \uD83D"])
        {
            string replaced = string.Concat(text.EnumerateRunes());
            Assert.Contains('\uFFFD', replaced);

            foreach (var unit in Enum.GetValues<OffsetUnit>())
            {
                var options = new TokenizerOptions { ReturnOffsetsMapping = true, OffsetUnit = unit };
                var (expected, found) = (Tokenizer.Encode(replaced, options), Tokenizer.Encode(text, options));
                Assert.Equal(expected.InputIds, found.InputIds);
                Assert.Equal(expected.OffsetMapping!, found.OffsetMapping!);
            }
        }
    }

    [Fact]
    public void Lone_surrogates_are_replaced_without_a_normalizer_too()
    {
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(TinyTokenizer.Json([.. TinyTokenizer.Pieces, ("\uFFFD", -8)]));
        int replacement = tokenizer.ConvertTokenToId("\uFFFD");

        int[] ids = tokenizer.Encode("\uD800\U0001F600\uDC00").InputIds[0];

        Assert.Equal([0, tokenizer.ConvertTokenToId("▁"), replacement, tokenizer.ConvertTokenToId("😀"), replacement, 2], ids);
    }

    [Fact]
    public void Texts_of_megabytes_are_encoded_whole()
    {
        string words = string.Concat(Enumerable.Repeat("word ", 300_000));
        string unbroken = new('超', 1_200_000);

        int[][] rows = Tokenizer.Encode([words, unbroken]).InputIds;

        Assert.Equal(300_002, rows[0].Length);
        Assert.All(rows[0][1..^1], id => Assert.Equal(Tokenizer.ConvertTokenToId("▁word"), id));
        Assert.Equal(unbroken, Tokenizer.Decode(rows[1], skipSpecialTokens: true));
    }

    [Fact]
    public void Clusters_without_end_take_linear_time()
    {
        string marks = "a" + string.Concat(Enumerable.Repeat("ก\u0E31", 400_000)) + new string('\u0301', 400_000);

        Assert.NotEmpty(Tokenizer.Encode(marks).InputIds[0]);
    }

    [Fact]
    public void Offsets_are_indices_of_the_string_or_code_points()
    {
        const string text = "𐍈😀 x 🇫🇷!";
        var options = new TokenizerOptions { ReturnOffsetsMapping = true, AddSpecialTokens = false };

        BatchEncoding utf16 = Tokenizer.Encode(text, options);
        BatchEncoding codePoints = Tokenizer.Encode(text, options with { OffsetUnit = OffsetUnit.CodePoint });

        Assert.Equal(["▁", "<unk>", "😀", "▁x", "▁", "🇫", "🇷", "!"], Tokenizer.ConvertIdsToTokens(utf16.InputIds[0]));
        Assert.Equal([(0, 2), (0, 2), (2, 4), (5, 6), (7, 9), (7, 9), (9, 11), (11, 12)], utf16.OffsetMapping![0]);
        Assert.Equal([(0, 1), (0, 1), (1, 2), (3, 4), (5, 6), (5, 6), (6, 7), (7, 8)], codePoints.OffsetMapping![0]);
    }

    [Fact]
    public void Offsets_of_words_are_into_the_words()
    {
        BatchEncoding encoding = Tokenizer.EncodeWords([["Hello", "world"]], new() { ReturnOffsetsMapping = true });

        Assert.Equal([(0, 0), (0, 5), (0, 5), (0, 0)], encoding.OffsetMapping![0]);
    }

    [Fact]
    public void Many_threads_give_what_one_gives()
    {
        string[] lines = ReferenceTokenizer.Lines[..3000];
        var options = new TokenizerOptions { ReturnOffsetsMapping = true, Padding = PaddingStrategy.Longest };
        BatchEncoding expected = Tokenizer.Encode(lines, options with { MaxDegreeOfParallelism = 1 });

        Parallel.For(0, 8, _ =>
        {
            BatchEncoding encoding = Tokenizer.Encode(lines, options);
            Assert.True(expected.InputIds.SelectMany(row => row).SequenceEqual(encoding.InputIds.SelectMany(row => row)));
            Assert.True(expected.OffsetMapping!.SelectMany(row => row).SequenceEqual(encoding.OffsetMapping!.SelectMany(row => row)));
        });
    }

    [Fact]
    public void Tokens_leave_no_garbage()
    {
        string text = string.Join(' ', ReferenceTokenizer.Lines[..2000]);
        var options = new TokenizerOptions { ReturnAttentionMask = false, MaxDegreeOfParallelism = 1 };
        string[] texts = [.. text.Chunk(5000).Select(chunk => new string(chunk))];
        long result = Tokenizer.Encode(texts, options).InputIds.Sum(row => row.Length * sizeof(int));

        // While other threads' garbage is collected, .NET now and then counts 8 kB too many, as much as it gives a thread at once. The median is right.
        long allocated = Enumerable.Range(0, 9).Select(_ => AllocatedBytes(() => Tokenizer.Encode(texts, options))).Order().ElementAt(4);

        Assert.InRange(allocated, result, result + (500 * texts.Length));
    }

    private static long AllocatedBytes(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void Cancelling_stops_a_batch()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Tokenizer.Encode(["a"], cancellationToken: source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Tokenizer.Encode(ReferenceTokenizer.Lines, cancellationToken: source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Tokenizer.EncodePairs(ReferenceTokenizer.Lines, ReferenceTokenizer.Lines, null, source.Token));
    }

    [Fact]
    public void No_texts_give_no_rows()
    {
        BatchEncoding encoding = Tokenizer.Encode([], new() { Padding = PaddingStrategy.Longest, ReturnLength = true });

        Assert.Equal(0, encoding.Count);
        Assert.Empty(encoding.AttentionMask!);
        Assert.Empty(encoding.Length!);
        Assert.Throws<InvalidOperationException>(() => encoding.ToTensors());
    }

    [Fact]
    public void What_is_not_asked_for_is_null()
    {
        BatchEncoding encoding = Tokenizer.Encode("a", new() { ReturnAttentionMask = false });

        Assert.Null(encoding.AttentionMask);
        Assert.Null(encoding.TokenTypeIds);
        Assert.Null(encoding.SpecialTokensMask);
        Assert.Null(encoding.OffsetMapping);
        Assert.Null(encoding.Length);
        Assert.Null(encoding.OverflowToSampleMapping);
    }

    [Fact]
    public void A_length_alone_truncates_as_in_transformers()
    {
        Assert.Equal(4, Tokenizer.Encode("a b c d e", new() { MaxLength = 4 }).InputIds[0].Length);
        Assert.Equal(7, Tokenizer.Encode("a b c d e", new() { MaxLength = 4, Padding = PaddingStrategy.Longest }).InputIds[0].Length);
        Assert.Equal(7, Tokenizer.Encode("a b c d e", new() { MaxLength = 4, Truncation = TruncationStrategy.None }).InputIds[0].Length);
    }

    [Fact]
    public void Left_truncation_keeps_the_end_and_overflows_towards_the_start()
    {
        var options = new TokenizerOptions
        {
            MaxLength = 3,
            Truncation = TruncationStrategy.LongestFirst,
            TruncationSide = Side.Left,
            Stride = 1,
            AddSpecialTokens = false,
            ReturnOverflowingTokens = true,
        };

        BatchEncoding encoding = Tokenizer.Encode(["a b c d e f", "a"], options);

        Assert.Equal(["▁d ▁e ▁f", "▁b ▁c ▁d", "▁a ▁b", "▁a"], encoding.InputIds.Select(row => string.Join(' ', Tokenizer.ConvertIdsToTokens(row))));
        Assert.Equal([0, 0, 0, 1], encoding.OverflowToSampleMapping!);
    }

    [Fact]
    public void Both_of_a_pair_overflow_in_the_order_of_the_reference()
    {
        var options = new TokenizerOptions { MaxLength = 4, AddSpecialTokens = false, ReturnOverflowingTokens = true };

        BatchEncoding encoding = Tokenizer.EncodePair("a b c", "d e f", options);

        Assert.Equal(["▁a ▁b ▁d ▁e", "▁c ▁d ▁e", "▁c ▁f", "▁a ▁b ▁f"], encoding.InputIds.Select(row => string.Join(' ', Tokenizer.ConvertIdsToTokens(row))));
    }

    [Fact]
    public void Decoding_takes_rows_of_any_integers()
    {
        int[] ids = Tokenizer.Encode("一只猫 and a dog").InputIds[0];

        Assert.Equal("<s> 一只猫 and a dog</s>", Tokenizer.Decode(ids));
        Assert.Equal("一只猫 and a dog", Tokenizer.Decode(Array.ConvertAll(ids, id => (long)id), skipSpecialTokens: true));
        Assert.Equal(["一只猫 and a dog", ""], Tokenizer.BatchDecode([ids, []], skipSpecialTokens: true));
        Assert.Equal(ids, Tokenizer.ConvertTokensToIds(Tokenizer.ConvertIdsToTokens(ids)));
    }
}
