using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public sealed class TokenizerSavingTests : IDisposable
{
    private readonly TemporaryFolder _source = new();
    private readonly TemporaryFolder _target = new();

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void A_sentencepiece_model_is_saved_with_the_published_pipeline_too()
    {
        ReferenceTokenizer.Instance.SavePretrained(_target.Path);
        byte[] saved = File.ReadAllBytes(_target.File("tokenizer.json"));

        Assert.Equal(["sentencepiece.bpe.model", "tokenizer.json", "tokenizer_config.json"], _target.Files);
        JsonObject written = JsonNode.Parse(saved)!.AsObject();
        JsonObject published = JsonNode.Parse(File.ReadAllBytes(TestData.Path("tokenizer", "tokenizer.json")))!.AsObject();
        Assert.Equal(Pieces(published), Pieces(written));
        Assert.All(Scores(written), score => Assert.Contains('.', score));
        foreach (JsonObject file in new[] { published, written })
            file["model"]!.AsObject().Remove("vocab");
        Assert.Equal(published.ToJsonString(), written.ToJsonString());

        XLMRobertaTokenizer read = XLMRobertaTokenizer.FromPretrained(_target.Path);
        Assert.Equal(ReferenceTokenizer.Instance.Encode(ReferenceTokenizer.Lines).InputIds, read.Encode(ReferenceTokenizer.Lines).InputIds);
        read.SavePretrained(_source.Path);
        Assert.Equal(_target.Files, _source.Files);
        Assert.Equal(saved, File.ReadAllBytes(_source.File("tokenizer.json")));
        ReferenceTokenizer.Instance.SavePretrained(_source.Path);
        Assert.Equal(saved, File.ReadAllBytes(_source.File("tokenizer.json")));

        static IEnumerable<string> Pieces(JsonObject file) => file["model"]!["vocab"]!.AsArray().Select(piece => (string)piece![0]!);
        static IEnumerable<string> Scores(JsonObject file) => file["model"]!["vocab"]!.AsArray().Select(piece => piece![1]!.ToJsonString());
    }

    [Fact]
    public void The_other_files_are_copied()
    {
        string[] copied = ["sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer_config.json"];
        string folder = _target.File("new");

        XLMRobertaTokenizer.FromPretrained(TestData.Path("e2e")).SavePretrained(folder);
        XLMRobertaTokenizer.FromPretrained(folder).SavePretrained(folder);

        Assert.Equal([.. copied[..2], "tokenizer.json", copied[2]], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(copied, name => Assert.Equal(File.ReadAllBytes(TestData.Path("e2e", name)), File.ReadAllBytes(Path.Combine(folder, name))));
    }

    [Fact]
    public void Tokens_of_the_settings_are_in_the_file()
    {
        _source.Write("sentencepiece.bpe.model", TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));
        _source.Write("added_tokens.json", """{ "<zh>": 15, "two words": 14 }"""u8.ToArray());
        _source.Write("special_tokens_map.json", """{ "additional_special_tokens": ["<zh>", { "content": "<en>", "rstrip": true }], "mask_token": "[MASK]" }"""u8.ToArray());

        XLMRobertaTokenizer.FromPretrained(_source.Path).SavePretrained(_target.Path);

        JsonArray tokens = JsonNode.Parse(File.ReadAllText(_target.File("tokenizer.json")))!["added_tokens"]!.AsArray();
        Assert.Equal(
            ["0 <s> special", "1 <pad> special", "2 </s> special", "3 <unk> special", "14 two words normalized", "15 <zh> special", "16 [MASK] lstrip special", "17 <en> rstrip special"],
            tokens.Select(token => $"{token!["id"]} {token["content"]}{string.Concat(
                token.AsObject().Where(flag => flag.Value!.GetValueKind() == JsonValueKind.True).Select(flag => " " + flag.Key))}"));
    }

    [Fact]
    public void The_settings_name_the_class_that_every_transformers_takes_as_it_is()
    {
        _source.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces)));
        _source.Write("tokenizer_config.json", """
            { "tokenizer_class": "TokenizersBackend", "model_max_length": 1000000000000000019884624838656, "extra_special_tokens": ["<s>", "</s>"],
              "additional_special_tokens": ["</s>"], "name": "日本", "padding_side": "right", "padding_side": "left" }
            """u8.ToArray());

        XLMRobertaTokenizer.FromPretrained(_source.Path).SavePretrained(_target.Path);

        Assert.Equal(
            """{"tokenizer_class":"XLMRobertaTokenizerFast","model_max_length":1000000000000000019884624838656,"additional_special_tokens":["</s>","<s>"],"name":"日本","padding_side":"left"}""",
            string.Concat(File.ReadAllLines(_target.File("tokenizer_config.json")).Select(line => line.Trim())).Replace(": ", ":"));
        XLMRobertaTokenizer read = XLMRobertaTokenizer.FromPretrained(_target.Path);
        Assert.Equal((null, Side.Left), (read.ModelMaxLength, read.PaddingSide));
    }

    [Fact]
    public void What_was_read_from_a_stream_is_saved_under_its_usual_name()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces));
        byte[] model = TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces);
        using var stream = new MemoryStream([1, 2, .. json]) { Position = 2 };

        XLMRobertaTokenizer.FromStream(stream).SavePretrained(_source.Path);
        TinyTokenizer.Load(model).SavePretrained(_target.Path);

        Assert.True(stream.CanRead);
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], _source.Files);
        Assert.Equal(json, File.ReadAllBytes(_source.File("tokenizer.json")));
        Assert.Equal(["sentencepiece.bpe.model", "tokenizer.json", "tokenizer_config.json"], _target.Files);
        Assert.Equal(model, File.ReadAllBytes(_target.File("sentencepiece.bpe.model")));
        Assert.Equal(512, XLMRobertaTokenizer.FromPretrained(_target.Path).ModelMaxLength);
    }

    [Fact]
    public void Nothing_of_another_tokenizer_stays_that_would_be_read()
    {
        _target.Write("tokenizer.json", "of another"u8.ToArray());
        _target.Write("added_tokens.json", """{ "cat": 14 }"""u8.ToArray());
        _target.Write("special_tokens_map.json", """{ "pad_token": "<s>" }"""u8.ToArray());
        _target.Write("notes.txt", "mine"u8.ToArray());
        XLMRobertaTokenizer tokenizer = TinyTokenizer.Load(TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));

        tokenizer.SavePretrained(_target.Path);

        Assert.Equal(["notes.txt", "sentencepiece.bpe.model", "tokenizer.json", "tokenizer_config.json"], _target.Files);
        XLMRobertaTokenizer read = XLMRobertaTokenizer.FromPretrained(_target.Path);
        Assert.Equal(tokenizer.Encode("a cat").InputIds, read.Encode("a cat").InputIds);
        Assert.Equal(1, read.PadTokenId);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("sentencepiece.bpe.model")]
    public void Saving_what_is_gone_writes_nothing(string name)
    {
        string path = _source.Write(name, name.EndsWith("json", StringComparison.Ordinal)
            ? JsonSerializer.SerializeToUtf8Bytes(TinyTokenizer.Json(TinyTokenizer.Pieces))
            : TinyTokenizer.SentencePiece(pieces: TinyTokenizer.Pieces));
        XLMRobertaTokenizer tokenizer = XLMRobertaTokenizer.FromFile(path);
        File.Delete(path);

        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => tokenizer.SavePretrained(_target.Path)).Message);
        Assert.Empty(_target.Files);
    }

    [Fact]
    public void Any_piece_is_written_so_that_it_is_read_again()
    {
        (string, double)[] pieces = [.. TinyTokenizer.Pieces, ("\"\\/\u0001", -1), ("\u2028\u00a0\u200d", -2.5), ("\ue000<>&'", -3), ("▁👩\u200d👧", -1e-7)];

        TinyTokenizer.Load(TinyTokenizer.SentencePiece(pieces: pieces)).SavePretrained(_target.Path);
        XLMRobertaTokenizer read = XLMRobertaTokenizer.FromFile(_target.File("tokenizer.json"));

        Assert.Equal(pieces.Select(piece => piece.Item1), read.ConvertIdsToTokens([.. Enumerable.Range(4, pieces.Length)]));
        Assert.Equal(["▁👩\u200d👧"], read.ConvertIdsToTokens(read.Encode("👩\u200d👧", new() { AddSpecialTokens = false }).InputIds[0]));
        Assert.Contains("-1.0000000116860974E-07", Encoding.UTF8.GetString(File.ReadAllBytes(_target.File("tokenizer.json"))));
    }
}
