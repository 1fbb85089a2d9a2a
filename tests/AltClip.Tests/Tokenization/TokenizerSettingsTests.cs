using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

/// <summary>What the files beside a tokenizer say, and which of them counts.</summary>
public sealed class TokenizerSettingsTests : IDisposable
{
    private const string Config = "tokenizer_config.json";
    private const string SpecialTokens = "special_tokens_map.json";
    private const string AddedTokens = "added_tokens.json";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_map_of_special_tokens_wins_unless_the_settings_have_all_tokens()
    {
        Write(SpecialTokens, """{ "pad_token": "</s>" }""");
        Write(AddedTokens, """{ "<zh>": 14 }""");
        Write(Config, """{ "pad_token": "<s>" }""");
        XLMRobertaTokenizer mapped = FromModel();
        Write(Config, """{ "pad_token": "<s>", "added_tokens_decoder": {} }""");
        XLMRobertaTokenizer own = FromModel();

        Assert.Equal((2, 15), (mapped.PadTokenId, mapped.TotalVocabSize));
        Assert.Equal((0, 14), (own.PadTokenId, own.TotalVocabSize));
    }

    [Fact]
    public void Tokens_with_ids_come_before_names()
    {
        Write(AddedTokens, """{ "<b>": 15, "<a>": 14 }""");
        Write(Config, """{ "additional_special_tokens": ["<c>", "<b>"], "extra_special_tokens": { "image_token": "<e>", "other": "<c>" } }""");
        Write(SpecialTokens, """{ "mask_token": "[MASK]", "additional_special_tokens": ["<d>", "<c>"] }""");
        XLMRobertaTokenizer tokenizer = FromModel();

        Assert.Equal(["<a>", "<b>", "[MASK]", "<c>", "<d>", "<e>"], tokenizer.ConvertIdsToTokens([14, 15, 16, 17, 18, 19]));
        Assert.Equal((20, 16), (tokenizer.TotalVocabSize, tokenizer.MaskTokenId));
        // of tokens with ids, those count as special that are named as such
        Assert.Equal("<a>", tokenizer.Decode([0, 14, 15, 16, 17, 19], skipSpecialTokens: true));
    }

    [Fact]
    public void Flags_of_special_tokens_count_where_no_tokenizer_json_has_them()
    {
        const string Settings = """{ "mask_token": { "content": "<mask>", "rstrip": true } }""";
        Write(Config, Settings);
        XLMRobertaTokenizer tokenizer = FromModel();
        using var other = new TemporaryFolder();
        other.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces)));
        other.Write(Config, Encoding.UTF8.GetBytes(Settings));

        Assert.Equal([(1, 8), (8, 14)], Offsets(tokenizer, " <mask> <mask>")[^2..]);
        Assert.Equal([(0, 7), (7, 14)], Offsets(XLMRobertaTokenizer.FromPretrained(other.Path), " <mask> <mask>"));

        static (int, int)[] Offsets(XLMRobertaTokenizer tokenizer, string text) =>
            tokenizer.Encode(text, new() { AddSpecialTokens = false, ReturnOffsetsMapping = true }).OffsetMapping![0];
    }

    [Fact]
    public void A_special_token_that_tokenizer_json_leaves_out_is_found_in_texts()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["added_tokens"] = new JsonArray();
        _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(json));
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(_folder.Path);

        Assert.Equal([0, 2, 13], tokenizer.Encode("<s></s>  <mask>", new() { AddSpecialTokens = false }).InputIds[0]);
    }

    [Fact]
    public void There_may_be_no_mask()
    {
        Write(Config, """{ "mask_token": null }""");
        XLMRobertaTokenizer tokenizer = FromModel();

        Assert.Null(tokenizer.MaskTokenId);
        Assert.Equal("▁ <mask>", string.Join(' ', tokenizer.ConvertIdsToTokens(tokenizer.Encode("<mask>", new() { AddSpecialTokens = false }).InputIds[0])));
    }

    [Fact]
    public void What_is_not_special_is_normalized_unless_it_says_otherwise()
    {
        Write(Config, """{ "added_tokens_decoder": { "14": { "content": "①" }, "15": { "content": "②", "normalized": false }, "16": { "content": "③", "special": true } } }""");
        _folder.Write("sentencepiece.bpe.model", TinyTokenizer.SentencePiece(
            charsMap: Convert.FromBase64String((string)JsonNode.Parse(File.ReadAllBytes(TestData.Path("tokenizer", "converted-pipeline.json")))!["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!),
            pieces: TinyTokenizer.Pieces));
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(_folder.Path);

        Assert.Equal([14, 3, 3], new[] { "1", "2", "3" }.Select(text => tokenizer.Encode(text, new() { AddSpecialTokens = false }).InputIds[0][^1]));
    }

    [Fact]
    public void Sides_are_those_of_tokenizer_json_unless_the_settings_say()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["padding"] = JsonNode.Parse("""{ "strategy": { "Fixed": 9 }, "direction": "Left", "pad_to_multiple_of": 8, "pad_id": 1, "pad_type_id": 0, "pad_token": "<pad>" }""");
        json["truncation"] = JsonNode.Parse("""{ "direction": "Left", "max_length": 3, "strategy": "LongestFirst", "stride": 0 }""");
        _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(json));
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(_folder.Path);
        Write(Config, """{ "padding_side": "right", "truncation_side": "right" }""");
        XLMRobertaTokenizer told = XLMRobertaTokenizer.FromPretrained(_folder.Path);

        Assert.Equal((Side.Left, Side.Left), (tokenizer.PaddingSide, tokenizer.TruncationSide));
        Assert.Equal((Side.Right, Side.Right), (told.PaddingSide, told.TruncationSide));
        Assert.Equal([3, 4], tokenizer.Encode(["a", "a a"]).InputIds.Select(row => row.Length));
        Assert.Equal([4, 4], tokenizer.Encode(["a", "a a"], new() { Padding = PaddingStrategy.Longest }).InputIds.Select(row => row.Length));
    }

    [Theory]
    [InlineData(AddedTokens, """{ "<a>": 15 }""", "the id 15; expected 14")]
    [InlineData(AddedTokens, """{ "<a>": 14, "<b>": 14 }""", "the id 14; expected 15")]
    [InlineData(AddedTokens, """{ "▁cat": 14 }""", "'▁cat' the id 14; expected 10")]
    [InlineData(AddedTokens, """{ "<a>": "14" }""", "'<a>' has the id \"14\"")]
    [InlineData(AddedTokens, """{ "<a>": -1 }""", "'<a>' has the id -1")]
    [InlineData(AddedTokens, """{ "<a>": 1.5 }""", "'<a>' has the id 1.5")]
    [InlineData(AddedTokens, "[]", "expected an object")]
    [InlineData(Config, """{ "added_tokens_decoder": { "20": { "content": "<a>" } } }""", "the id 20; expected 14")]
    [InlineData(Config, """{ "additional_special_tokens": [null] }""", "a special token is null")]
    [InlineData(Config, """{ "additional_special_tokens": [{ "lstrip": true }] }""", "'content'")]
    [InlineData(Config, """{ "extra_special_tokens": "<a>" }""", "extra_special_tokens is \"<a>\"")]
    [InlineData(Config, """{ "pad_token": {} }""", "'content'")]
    [InlineData(Config, """{ "split_special_tokens": true }""", "split_special_tokens is true")]
    [InlineData(Config, """{ "add_prefix_space": false }""", "add_prefix_space is false")]
    [InlineData(Config, """{ "tokenizer_class": "CamembertTokenizer" }""", "tokenizer_class is CamembertTokenizer")]
    public void What_is_not_read_is_refused_by_file(string name, string content, string expected)
    {
        Write(name, content);

        string message = Assert.Throws<TokenizerException>(FromModel).Message;

        Assert.Contains(_folder.File(name), message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void The_class_says_nothing_beside_a_tokenizer_json()
    {
        Write(Config, """{ "tokenizer_class": "TokenizersBackend", "add_prefix_space": true, "split_special_tokens": false }""");
        _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces)));

        Assert.Equal(14, XLMRobertaTokenizer.FromPretrained(_folder.Path).VocabSize);
    }

    [Fact]
    public void A_section_that_pads_with_another_token_is_refused()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["padding"] = JsonNode.Parse("""{ "direction": "Right", "pad_token": "<s>" }""");
        string path = _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(json));
        string message = Assert.Throws<TokenizerException>(() => XLMRobertaTokenizer.FromPretrained(_folder.Path)).Message;
        Write(Config, """{ "pad_token": "<s>" }""");

        Assert.StartsWith(path, message);
        Assert.Contains("pads with '<s>'; expected the pad_token '<pad>'", message);
        Assert.Equal(0, XLMRobertaTokenizer.FromPretrained(_folder.Path).PadTokenId);
    }

    [Fact]
    public void A_tokenizer_json_that_is_not_understood_is_refused_whatever_lies_beside_it()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["normalizer"] = JsonNode.Parse("""{ "type": "BertNormalizer" }""");
        string path = _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(json));

        string message = Assert.Throws<TokenizerException>(FromModel).Message;

        Assert.StartsWith(path, message);
        Assert.Contains("BertNormalizer", message);
    }

    private void Write(string name, string content) => _folder.Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>The tokenizer of the folder, where a SentencePiece model of 14 pieces is put.</summary>
    private XLMRobertaTokenizer FromModel()
    {
        _folder.Write("sentencepiece.bpe.model", TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));
        return XLMRobertaTokenizer.FromPretrained(_folder.Path);
    }
}
