using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public class TokenizerRefusalTests
{
    private static readonly byte[] Model = TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces);

    private static XLMRobertaTokenizer Tokenizer { get; } = TinyTokenizer.Load(Model);

    public static TheoryData<string, string, string> BrokenParts => new()
    {
        { "model.type", "\"BPE\"", "'BPE'" },
        { "model.vocab", "{ \"a\": 1 }", "'vocab'" },
        { "model.vocab", "[[\"a\"]]", "score of a piece" },
        { "model.vocab", "[[1, 2]]", "text of a piece" },
        { "model.vocab", "[[\"a\", -1, 3]]", "end of a piece" },
        { "model.vocab", "[7]", "piece 0" },
        { "model.vocab", "[[\"a\", 1e999]]", "score" },
        { "model.unk_id", "null", "'unk_id'" },
        { "model.unk_id", "14", "14 pieces, found 14" },
        { "model", "null", "'model'" },
        { "normalizer", "{ \"type\": \"BertNormalizer\" }", "BertNormalizer" },
        { "normalizer", "{ \"type\": \"Precompiled\", \"precompiled_charsmap\": \"!\" }", "base64" },
        { "normalizer", "{ \"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\" }", "precompiled_charsmap" },
        { "pre_tokenizer", "{ \"type\": \"ByteLevel\" }", "ByteLevel" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"__\" }", "'__'" },
        { "pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"last\" }", "'last'" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"Regex\": \"a|b\" }, \"content\": \"c\" }", "'a|b'" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"Regex\": null }, \"content\": \"c\" }", "'Regex' is null; expected text" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"Regex\": \"a*\" }, \"content\": \"c\" }", "empty" },
        { "normalizer", "{ \"type\": \"Replace\", \"pattern\": { \"Regex\": \"[\" }, \"content\": \"c\" }", "'['" },
        { "decoder", "{ \"type\": \"ByteLevel\" }", "ByteLevel" },
        { "post_processor", "{ \"type\": \"RobertaProcessing\" }", "RobertaProcessing" },
        { "post_processor.special_tokens", "{}", "'<s>'" },
        { "post_processor.single", "[]", "sequence A once" },
        { "post_processor.single", "3", "'single' is 3; expected an array" },
        { "added_tokens", "[{ \"id\": 1 }]", "'content'" },
        { "added_tokens", "[{ \"id\": -1, \"content\": \"x\" }]", "the id -1" },
    };

    [Theory]
    [MemberData(nameof(BrokenParts))]
    public void Parts_of_another_kind_of_tokenizer_are_refused_by_name(string path, string value, string expected)
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        string[] names = path.Split('.');
        JsonNode owner = names.Length == 1 ? json : json[names[0]]!;
        owner[names[^1]] = "PLACE";
        string text = json.ToJsonString().Replace("\"PLACE\"", value);

        string message = Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(Encoding.UTF8.GetBytes(text))).Message;

        Assert.Contains("the stream: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Every_truncation_of_a_file_is_refused()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces));
        for (int length = 0; length < json.Length; length += 7)
            Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(json[..length]));
        // a model may end after any whole piece; the vocabulary is then a smaller one
        int refused = 0;
        for (int length = 0; length < Model.Length; length++)
        {
            Exception? error = Record.Exception(() => TinyTokenizer.Load(Model[..length]));
            Assert.True(error is null or TokenizerException, error?.ToString());
            refused += error is null ? 0 : 1;
        }
        Assert.Equal(Model.Length - TinyTokenizer.Pieces.Length, refused);
    }

    [Fact]
    public void Damaged_files_are_refused_or_read_but_nothing_else()
    {
        var random = new Random(1);
        byte[] charsMap = Convert.FromBase64String(JsonNode.Parse(
            File.ReadAllBytes(TestData.Path("tokenizer", "converted-pipeline.json")))!["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!.GetValue<string>());
        byte[] whole = TinyTokenizer.SentencePiece(charsMap: charsMap, pieces: TinyTokenizer.Pieces);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            for (int k = 0; k < 1 + (i % 20); k++)
                damaged[i % 2 == 0 ? random.Next(300) : random.Next(damaged.Length)] = (byte)random.Next(256);
            Exception? error = Record.Exception(() => TinyTokenizer.Load(damaged).Encode("ab ｆｕｌｌ é 😀 ①"));
            Assert.True(error is null or TokenizerException, error?.ToString());
        }
    }

    [Theory]
    [InlineData(1, 0x7FFFFCF0u, "leads to")]
    [InlineData(4, 0x7FFFFD9Cu, "leads to")]
    [InlineData(5, 0xFFFFFFFFu, "has a replacement at byte 2147483647")]
    public void A_charsmap_whose_trie_leads_out_of_itself_is_refused_before_a_text_does(int depth, uint unit, string expected)
    {
        byte[] charsMap = Convert.FromBase64String(JsonNode.Parse(
            File.ReadAllBytes(TestData.Path("tokenizer", "converted-pipeline.json")))!["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!.GetValue<string>());
        // beyond the basic plane, which only texts look for; behind the last byte is the value
        BinaryPrimitives.WriteUInt32LittleEndian(UnitAfter([.. "𝒜"u8, 0], depth, charsMap), unit);
        byte[] model = TinyTokenizer.SentencePiece(charsMap: charsMap, pieces: TinyTokenizer.Pieces);

        string message = Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(model)).Message;

        Assert.Contains("the stream: precompiled_charsmap: unit", message);
        Assert.Contains(expected, message);
    }

    private static Span<byte> UnitAfter(ReadOnlySpan<byte> key, int depth, Span<byte> charsMap)
    {
        Span<byte> trie = charsMap[4..];
        uint position = 0;
        foreach (byte label in key[..depth])
        {
            uint unit = BinaryPrimitives.ReadUInt32LittleEndian(trie[((int)position * 4)..]);
            position ^= ((unit >> 10) << (int)((unit & 0x200) >> 6)) ^ label;
        }
        return trie.Slice((int)position * 4, 4);
    }

    [Theory]
    [InlineData(2, "BPE")]
    [InlineData(3, "WORD")]
    [InlineData(4, "CHAR")]
    [InlineData(9, "type 9")]
    public void Other_kinds_of_sentencepiece_models_are_refused(int type, string expected)
    {
        byte[] model = TinyTokenizer.SentencePiece(type, pieces: TinyTokenizer.Pieces);

        Assert.Contains($"is {expected}; XLM-R's is UNIGRAM", Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(model)).Message);
    }

    [Fact]
    public void Models_with_other_special_pieces_are_refused()
    {
        byte[] model = [.. Model];
        int at = model.AsSpan().IndexOf("<s>"u8);
        "<x>"u8.CopyTo(model.AsSpan(at));

        Assert.Contains("piece 1 is '<x>'", Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(model)).Message);
    }

    [Fact]
    public void A_special_token_that_the_vocabulary_lacks_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sentencepiece.bpe.model", Model);
        folder.Write("tokenizer_config.json", """{ "pad_token": "[PAD]" }"""u8.ToArray());

        string message = Assert.Throws<TokenizerException>(() => XLMRobertaTokenizer.FromPretrained(folder.Path)).Message;

        Assert.Contains("sentencepiece.bpe.model", message);
        Assert.Contains("pad_token '[PAD]'", message);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "[]", "Array")]
    [InlineData("tokenizer_config.json", "{", "tokenizer_config.json")]
    [InlineData("tokenizer_config.json", "{ \"padding_side\": \"up\" }", "'up'")]
    [InlineData("tokenizer_config.json", "{ \"model_max_length\": 0 }", "model_max_length is 0")]
    [InlineData("tokenizer_config.json", "{ \"model_max_length\": \"long\" }", "model_max_length is \"long\"; expected a number")]
    [InlineData("tokenizer_config.json", "{ \"added_tokens_decoder\": { \"x\": {} } }", "'x'")]
    [InlineData("special_tokens_map.json", "{ \"pad_token\": 3 }", "Number")]
    [InlineData("special_tokens_map.json", "nothing", "special_tokens_map.json")]
    public void Broken_settings_are_refused_by_file(string name, string content, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("sentencepiece.bpe.model", Model);
        folder.Write(name, Encoding.UTF8.GetBytes(content));

        string message = Assert.Throws<TokenizerException>(() => XLMRobertaTokenizer.FromPretrained(folder.Path)).Message;

        Assert.Contains(folder.File(name), message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Missing_files_and_folders_are_named()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("tokenizer.json or sentencepiece.bpe.model", Assert.Throws<FileNotFoundException>(() => XLMRobertaTokenizer.FromPretrained(folder.Path)).Message);
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => XLMRobertaTokenizer.FromPretrained(folder.File("nowhere"))).Message);
        Assert.Contains("none.json", Assert.Throws<FileNotFoundException>(() => XLMRobertaTokenizer.FromFile(folder.File("none.json"))).Message);
        Assert.Throws<TokenizerException>(() => XLMRobertaTokenizer.FromFile(folder.Write("empty", [])));
        Assert.Throws<TokenizerException>(() => XLMRobertaTokenizer.FromFile(folder.Write("text", "not a tokenizer at all"u8.ToArray())));
    }

    [Fact]
    public void Nulls_are_refused_by_place()
    {
        Assert.Throws<ArgumentNullException>(() => XLMRobertaTokenizer.FromPretrained(null!));
        Assert.Throws<ArgumentNullException>(() => XLMRobertaTokenizer.FromFile(null!));
        Assert.Throws<ArgumentNullException>(() => XLMRobertaTokenizer.FromStream(null!));
        Assert.Throws<ArgumentNullException>("text", () => Tokenizer.Encode((string)null!));
        Assert.Throws<ArgumentNullException>("textPair", () => Tokenizer.EncodePair("a", null!));
        Assert.Throws<ArgumentNullException>("texts", () => Tokenizer.Encode((string[])null!));
        Assert.Throws<ArgumentNullException>("textPairs", () => Tokenizer.EncodePairs(["a"], null!));
        Assert.Contains("Text 1 is null", Assert.Throws<ArgumentException>("texts", () => Tokenizer.Encode(["a", null!])).Message);
        Assert.Contains("Text 0 is null", Assert.Throws<ArgumentException>("textPairs", () => Tokenizer.EncodePairs(["a"], [null!])).Message);
        Assert.Throws<ArgumentNullException>("texts", () => Tokenizer.EncodeWords(null!));
        Assert.Throws<ArgumentException>("texts", () => Tokenizer.EncodeWords([null!]));
        Assert.Contains("Text 0 has a word that is null", Assert.Throws<ArgumentException>("texts", () => Tokenizer.EncodeWords([["a", null!]])).Message);
        Assert.Throws<ArgumentNullException>("rows", () => Tokenizer.BatchDecode(null!));
        Assert.Contains("Row 1", Assert.Throws<ArgumentException>("rows", () => Tokenizer.BatchDecode([[0], null!])).Message);
        Assert.Throws<ArgumentNullException>("token", () => Tokenizer.ConvertTokenToId(null!));
        Assert.Throws<ArgumentNullException>("tokens", () => Tokenizer.ConvertTokensToIds(null!));
    }

    [Fact]
    public void Pairs_must_be_pairs()
    {
        Assert.Contains("as many second texts as first ones, 1; found 2", Assert.Throws<ArgumentException>("textPairs", () => Tokenizer.EncodePairs(["a"], ["b", "c"])).Message);
        Assert.Throws<ArgumentException>("textPairs", () => Tokenizer.EncodeWordPairs([["a"]], []));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(14)]
    [InlineData(int.MaxValue)]
    public void Ids_outside_the_vocabulary_are_refused(int id)
    {
        Assert.Contains($"The id {id} is not in the vocabulary; expected 0 to 13", Assert.Throws<ArgumentOutOfRangeException>("ids", () => Tokenizer.Decode([0, id])).Message);
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => Tokenizer.Decode([0, (long)id + int.MaxValue + 1]));
        Assert.Throws<ArgumentOutOfRangeException>("id", () => Tokenizer.ConvertIdToToken(id));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.ConvertIdsToTokens([id]));
    }

    public static TheoryData<TokenizerOptions, string> BadOptions => new()
    {
        { new() { MaxLength = 0 }, "MaxLength must be at least 1" },
        { new() { Stride = -1 }, "Stride must be at least 0" },
        { new() { PadToMultipleOf = 0 }, "PadToMultipleOf must be at least 1" },
        { new() { MaxDegreeOfParallelism = 0 }, "MaxDegreeOfParallelism must be -1 or at least 1" },
        { new() { Padding = (PaddingStrategy)7 }, "Padding must be one of None, Longest, MaxLength" },
        { new() { Truncation = (TruncationStrategy)7 }, "Truncation must be one of" },
        { new() { PaddingSide = (Side)7 }, "PaddingSide must be one of" },
        { new() { TruncationSide = (Side)7 }, "TruncationSide must be one of" },
        { new() { OffsetUnit = (OffsetUnit)7 }, "OffsetUnit must be one of" },
        { new() { MaxLength = 1 }, "MaxLength 1 leaves no room for the 2 special tokens" },
        { new() { MaxLength = 6, Stride = 4 }, "Stride 4 must be less than the 4 tokens that MaxLength 6 leaves beside 2 special ones" },
        { new() { MaxLength = 6, Truncation = TruncationStrategy.LongestFirst, Padding = PaddingStrategy.Longest, PadToMultipleOf = 4 }, "MaxLength 6 must be a multiple of PadToMultipleOf 4" },
        { new() { MaxLength = 4, Truncation = TruncationStrategy.OnlySecond }, "OnlySecond needs pairs" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_at_odds_are_refused(TokenizerOptions options, string expected)
    {
        Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(() => Tokenizer.Encode(["a", "a b c a b c"], options)).Message);
    }

    [Fact]
    public void What_cannot_be_cut_is_refused_from_any_thread()
    {
        var options = new TokenizerOptions { MaxLength = 6, Truncation = TruncationStrategy.OnlySecond };
        string[] texts = [.. Enumerable.Repeat("a a a a a", 4000)];

        Assert.Contains("sequences of 5 and 1 tokens cannot be brought to 2",
            Assert.Throws<ArgumentException>(() => Tokenizer.EncodePairs(texts, [.. Enumerable.Repeat("a", 4000)], options)).Message);
        Assert.Contains("Stride 2 must be less than the 2 tokens", Assert.Throws<ArgumentException>(
            () => Tokenizer.EncodePair("a a a a a", "a a", new() { MaxLength = 8, Truncation = TruncationStrategy.OnlyFirst, Stride = 2 })).Message);
    }
}
