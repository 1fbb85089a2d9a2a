using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public class TokenizerLoadingTests
{
    private const string Text = "ab <mask> cat  a😀";

    [Fact]
    public void A_folder_with_only_the_sentencepiece_model_has_the_published_pipeline()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sentencepiece.bpe.model", TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));
        using var jsonFolder = new TemporaryFolder();
        jsonFolder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces)));

        XLMRobertaTokenizer fromModel = XLMRobertaTokenizer.FromPretrained(folder.Path);
        XLMRobertaTokenizer fromJson = XLMRobertaTokenizer.FromPretrained(jsonFolder.Path);

        Assert.Equal(fromJson.Encode(Text).InputIds, fromModel.Encode(Text).InputIds);
        Assert.Equal("<s> ab<mask> cat a😀</s>", fromModel.Decode(fromModel.Encode(Text).InputIds[0]));
        Assert.Equal(4 + TinyTokenizer.Pieces.Length + 1, fromModel.VocabSize);
        Assert.Equal(fromModel.VocabSize, fromModel.TotalVocabSize);
        Assert.Equal(fromModel.VocabSize - 1, fromModel.MaskTokenId);
    }

    [Fact]
    public void The_published_checkpoint_folder_is_read()
    {
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(TestData.Path("e2e"));

        Assert.Equal(512, tokenizer.ModelMaxLength);
        Assert.False(tokenizer.CleanUpTokenizationSpaces);
        Assert.Equal((0, 2, 2, 0, 3, 1, 250001),
            (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.SepTokenId, tokenizer.ClsTokenId, tokenizer.UnkTokenId, tokenizer.PadTokenId, tokenizer.MaskTokenId));
        Assert.Equal(ReferenceTokenizer.Instance.Encode(Text).InputIds, tokenizer.Encode(Text).InputIds);
    }

    [Fact]
    public void Settings_are_read_and_options_override_them()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json([.. TinyTokenizer.Pieces, ("▁,", -1)])));
        folder.Write("tokenizer_config.json", """
            { "model_max_length": 5, "padding_side": "left", "truncation_side": "left", "clean_up_tokenization_spaces": true, "pad_token": { "content": "<s>" } }
            """u8.ToArray());
        folder.Write("special_tokens_map.json", """{ "pad_token": "<pad>", "unk_token": { "content": "</s>", "lstrip": false } }"""u8.ToArray());

        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(folder.Path);
        int a = tokenizer.ConvertTokenToId("▁a"), cat = tokenizer.ConvertTokenToId("▁cat");

        Assert.Equal(5, tokenizer.ModelMaxLength);
        Assert.Equal((1, 2), (tokenizer.PadTokenId, tokenizer.UnkTokenId));
        Assert.Equal("cat, a", tokenizer.Decode([cat, tokenizer.ConvertTokenToId("▁,"), a]));
        Assert.Equal([[1, 1, 0, cat, 2], [0, a, cat, cat, 2]],
            tokenizer.Encode(["cat", "a a a cat cat"], new() { Padding = PaddingStrategy.MaxLength, Truncation = TruncationStrategy.LongestFirst }).InputIds);
        Assert.Equal([0, cat, 2, 1, 1], tokenizer.Encode("cat", new() { Padding = PaddingStrategy.MaxLength, PaddingSide = Side.Right }).InputIds[0]);
        Assert.Equal([0, a, a, a, 2], tokenizer.Encode("a a a cat cat", new() { Truncation = TruncationStrategy.LongestFirst, TruncationSide = Side.Right }).InputIds[0]);
    }

    [Fact]
    public void A_length_of_thirty_digits_is_no_limit()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces)));
        folder.Write("tokenizer_config.json", """{ "model_max_length": 1000000000000000019884624838656 }"""u8.ToArray());

        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(folder.Path);

        Assert.Null(tokenizer.ModelMaxLength);
        Assert.Equal(602, tokenizer.Encode(
            string.Concat(Enumerable.Repeat("a ", 600)), new() { Truncation = TruncationStrategy.LongestFirst, Padding = PaddingStrategy.MaxLength }).InputIds[0].Length);
    }

    [Fact]
    public void Tokens_added_in_the_settings_are_found_in_texts()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sentencepiece.bpe.model", TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));
        folder.Write("tokenizer_config.json", """
            { "added_tokens_decoder": { "14": { "content": "<dog>", "special": false, "rstrip": true } }, "additional_special_tokens": ["<one>", "<s>"] }
            """u8.ToArray());

        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(folder.Path);
        int[] ids = tokenizer.Encode("a<dog>  cat<one>", new() { AddSpecialTokens = false }).InputIds[0];

        Assert.Equal(["▁a", "<dog>", "▁cat", "<one>"], tokenizer.ConvertIdsToTokens(ids));
        Assert.Equal((14, 14, 15, 16), (tokenizer.VocabSize, ids[1], ids[3], tokenizer.TotalVocabSize));
        Assert.Equal("a<dog> cat", tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void Older_files_spell_the_pipeline_differently()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        JsonNode metaspace = JsonNode.Parse("""{ "type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": true }""")!;
        json["pre_tokenizer"]!["pretokenizers"]![1] = metaspace.DeepClone();
        json["decoder"] = metaspace;

        Assert.Equal(TinyTokenizer.Load(TinyTokenizer.Json(TinyTokenizer.Pieces)).Encode(Text).InputIds, TinyTokenizer.Load(json).Encode(Text).InputIds);
    }

    [Fact]
    public void Without_a_post_processor_nothing_is_put_round()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["post_processor"] = null;
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(json);

        Assert.Equal(["▁a", "▁cat"], tokenizer.ConvertIdsToTokens(tokenizer.EncodePair("a", "cat").InputIds[0]));
    }

    [Fact]
    public void Type_ids_are_the_templates()
    {
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(TinyTokenizer.Json(TinyTokenizer.Pieces));

        Assert.Equal([0, 0, 0, 0, 1, 1, 1], tokenizer.EncodePair("a", "cat a", new() { ReturnTokenTypeIds = true }).TokenTypeIds![0]);
    }

    [Fact]
    public void Without_a_prefix_space_words_stay_as_they_are()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["pre_tokenizer"]!["pretokenizers"]![1]!["prepend_scheme"] = "never";
        json["decoder"]!["prepend_scheme"] = "never";
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(json);

        int[] ids = tokenizer.Encode("a ▁cat", new() { AddSpecialTokens = false }).InputIds[0];

        Assert.Equal(["a", "▁cat"], tokenizer.ConvertIdsToTokens(ids));
        Assert.Equal(" cat", tokenizer.Decode(ids.AsSpan(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Saving_what_was_replaced_writes_nothing(bool elsewhere)
    {
        using var source = new TemporaryFolder();
        using var target = new TemporaryFolder();
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces));
        string path = source.Write("tokenizer.json", json);
        source.Write("tokenizer_config.json", "{}"u8.ToArray());
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromPretrained(source.Path);
        ReplacedFile.By(path, [.. json[..^1], (byte)' ']);

        Assert.Contains($"'{path}'", Assert.Throws<IOException>(() => tokenizer.SavePretrained(elsewhere ? target.Path : source.Path)).Message);
        Assert.Empty(target.Files);
    }

    [Fact]
    public void User_symbols_of_a_sentencepiece_model_are_added_tokens()
    {
        byte[] model = TinyTokenizer.SentencePiece(pieces: [.. TinyTokenizer.Pieces, ("<dog>", 0)]);
        // the type is the last byte of the last piece, before the four bytes of the trainer's settings
        Assert.Equal(1, model[^5]);
        model[^5] = 4;
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(model);

        Assert.Equal(["▁a", "<dog>", "▁a"], tokenizer.ConvertIdsToTokens(tokenizer.Encode("a<dog>a", new() { AddSpecialTokens = false }).InputIds[0]));
        Assert.Equal("<dog>", tokenizer.Decode([tokenizer.ConvertTokenToId("<dog>")], skipSpecialTokens: true));
    }

    [Fact]
    public void Escapes_in_the_vocabulary_are_read()
    {
        string json = TinyTokenizer.Json(TinyTokenizer.Pieces).ToJsonString();
        Assert.Contains("\\uD83D\\uDE00", json);
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(Encoding.UTF8.GetBytes(json.Replace("\"b\"", "\"\\u0062\"")));

        Assert.Equal(["▁a", "b", "😀"], tokenizer.ConvertIdsToTokens(tokenizer.ConvertTokensToIds(["▁a", "b", "😀"])));
    }
}
