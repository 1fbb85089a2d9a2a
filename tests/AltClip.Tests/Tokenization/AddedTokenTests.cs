using System.Text.Json.Nodes;
using Xunit;

namespace AltClip.Tests;

public class AddedTokenTests
{
    [Fact]
    public void Tokens_in_the_text_are_found_before_the_model_sees_it()
    {
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(TinyTokenizer.Json(TinyTokenizer.Pieces));

        Assert.Equal("▁a <mask> ▁ b </s> ▁cat <s>", Tokens(tokenizer, "a \t\u3000<mask>b</s>cat<s>"));
        Assert.Equal([(0, 1), (1, 10), (10, 11), (10, 11), (11, 15), (15, 18), (18, 21)], Offsets(tokenizer, "a \t\u3000<mask>b</s>cat<s>"));
    }

    [Fact]
    public void Of_tokens_at_one_place_the_longest_is_taken()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        TinyTokenizer.AddToken(json, "<s><s>", 14);
        TinyTokenizer.AddToken(json, "<s>a", 15);

        Assert.Equal("<s><s> <s>a <s>", Tokens(TinyTokenizer.Load(json), "<s><s><s>a<s>"));
    }

    [Theory]
    [InlineData("cat dog cat", "▁cat dog ▁cat")]
    [InlineData("dog", "dog")]
    [InlineData("(dog)", "▁ ( dog ▁ )")]
    [InlineData("dogcat", "▁ <unk>")]
    [InlineData("ádog", "▁ <unk>")]
    [InlineData("dog\u0301", "▁ <unk>")]
    [InlineData("dog_", "▁ <unk>")]
    [InlineData("dog😀", "dog ▁ 😀")]
    public void A_single_word_touches_no_other(string text, string expected)
    {
        JsonObject json = TinyTokenizer.Json(("▁cat", -1), ("😀", -1), ("▁", -1), ("(", -1), (")", -1));
        TinyTokenizer.AddToken(json, "dog", 10, "single_word");

        Assert.Equal(expected, Tokens(TinyTokenizer.Load(json), text));
    }

    [Fact]
    public void Whitespace_after_a_token_may_be_its_own()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        TinyTokenizer.AddToken(json, "<r>", 14, "rstrip");
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(json);

        Assert.Equal([(0, 1), (2, 7), (7, 10), (10, 16)], Offsets(tokenizer, "a <r>  cat<mask>"));
        Assert.Equal([(0, 5), (5, 11)], Offsets(tokenizer, "<r>  <mask>"));
    }

    [Fact]
    public void Normalized_tokens_are_found_in_the_normalized_text()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["normalizer"] = JsonNode.Parse(File.ReadAllBytes(TestData.Path("tokenizer", "converted-pipeline.json")))!["normalizer"]!.DeepClone();
        json["pre_tokenizer"] = json["pre_tokenizer"]!["pretokenizers"]![1]!.DeepClone();
        TinyTokenizer.AddToken(json, "Ｘ１", 14, "normalized", "lstrip");
        TinyTokenizer.AddToken(json, "①", 15);
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(json);

        Assert.Equal("▁a Ｘ１ Ｘ１ ▁cat ① ▁a", Tokens(tokenizer, "a X1Ｘ１cat①a  "));
        Assert.Equal([(0, 1), (1, 4), (4, 6), (6, 9), (9, 10)], Offsets(tokenizer, "a X1Ｘ１cat①"));
    }

    private static string Tokens(XLMRobertaTokenizer tokenizer, string text) =>
        string.Join(' ', tokenizer.ConvertIdsToTokens(tokenizer.Encode(text, new() { AddSpecialTokens = false }).InputIds[0]));

    private static (int Start, int End)[] Offsets(XLMRobertaTokenizer tokenizer, string text) =>
        tokenizer.Encode(text, new() { AddSpecialTokens = false, ReturnOffsetsMapping = true }).OffsetMapping![0];
}
