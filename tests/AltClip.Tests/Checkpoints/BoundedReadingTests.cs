using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

/// <summary>What a file says costs no more time and memory than the file is worth.</summary>
[Collection(nameof(ProcessWide))]
public class BoundedReadingTests : CheckpointTests
{
    private const int Soon = 5;

    [Theory]
    [InlineData("text_config", "num_hidden_layers", 16_000)]
    [InlineData("vision_config", "num_hidden_layers", 1_000_000_000)]
    public void LayersAreComparedWithTheWeightsFirst(string section, string key, int value)
    {
        Change(section, key, value);
        var time = Stopwatch.StartNew();
        var error = Assert.Throws<ConfigurationException>(() => AltCLIPModel.FromPretrained(Folder.Path));
        Assert.Contains($"{section}.{key} is {value}", error.Message);
        Assert.Contains(Folder.Path, error.Message);
        Assert.Throws<ConfigurationException>(() => AltCLIPModel.Inspect(Folder.Path));
        Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
    }

    [Theory]
    [InlineData("vision_config", "image_size", int.MaxValue)]
    [InlineData("vision_config", "num_channels", int.MaxValue)]
    [InlineData("text_config", "max_position_embeddings", int.MaxValue)]
    [InlineData("text_config", "vocab_size", int.MaxValue)]
    [InlineData("text_config", "intermediate_size", int.MaxValue)]
    [InlineData("text_config", "project_dim", int.MaxValue)]
    [InlineData("vision_config", "intermediate_size", int.MaxValue)]
    public void SizesThatNoTensorHasAreRefusedWithTheirName(string section, string key, int value)
    {
        Change(section, key, value);
        var error = Record.Exception(() => AltCLIPModel.FromPretrained(Folder.Path));
        Assert.Contains(Folder.Path, Assert.IsAssignableFrom<AltClipException>(error).Message);
    }

    [Fact]
    public void APaddingIdBeyondTheWeightsIsRefused()
    {
        Change("text_config", "vocab_size", int.MaxValue);
        Change("text_config", "max_position_embeddings", 1_000_000_003);
        Change("text_config", "pad_token_id", 1_000_000_000);
        Assert.Contains("pad_token_id is 1000000000", Assert.Throws<ConfigurationException>(() => AltCLIPModel.FromPretrained(Folder.Path)).Message);
    }

    [Fact]
    public void APickleOfManySmallObjectsIsRefused()
    {
        byte[] pickle = [0x80, 2, .. Enumerable.Repeat((byte)'}', 10_000_000), (byte)'.'];
        long before = GC.GetTotalAllocatedBytes();
        RefusesFile(CheckpointError.PickleTooLarge, PickleBuilder.Zip(pickle), "instructions");
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 500_000_000);
    }

    [Fact]
    public void ATensorOfManyDimensionsIsRefused()
    {
        var pickle = new PickleBuilder().Op('}').Text("w").Global("torch._utils", "_rebuild_tensor_v2").Op('(')
            .Storage("FloatStorage", "0", 1).Number(0).Tuple(new long[65]).Tuple(new long[65]).Raw(0x89).OrderedDictionary().Op('t').Op('R').Op('s');
        RefusesFile(CheckpointError.InvalidPickle, PickleBuilder.Zip(pickle.Bytes), "64 dimensions");
    }

    [Fact]
    public void ACharsMapThatGrowsTextsIsRefused()
    {
        byte[] trie = [4, 0, 0, 0, 0, 0, 0, 0];
        Assert.Contains("replacement", Assert.Throws<TokenizerException>(() => new PrecompiledCharsMap([.. trie, .. Encoding.UTF8.GetBytes(new string('a', 1000))])).Message);
    }

    [Fact]
    public void PiecesAndTokensThatNoWordHasAreRefused()
    {
        string text = new('a', 100_000);
        Assert.Contains("100000 characters", Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(TinyTokenizer.Json((text, -1)))).Message);
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        TinyTokenizer.AddToken(json, text, 14);
        Assert.Contains("100000 characters", Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(json)).Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(14)]
    [InlineData(int.MaxValue)]
    public void AnIdThatTheVocabularyLacksIsRefused(int id)
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        json["post_processor"]!["special_tokens"]!["<s>"]!["ids"]![0] = id;
        Assert.Contains($"the id {id}", Assert.Throws<TokenizerException>(() => TinyTokenizer.Load(json)).Message);
    }

    [Fact]
    public void ManyAddedTokensCostLittle()
    {
        JsonObject json = TinyTokenizer.Json(TinyTokenizer.Pieces);
        for (int i = 0; i < 50_000; i++) TinyTokenizer.AddToken(json, $"<{i}>", 14 + i);
        var time = Stopwatch.StartNew();
        var tokenizer = TinyTokenizer.Load(json);
        int[] row = tokenizer.Encode(string.Concat(Enumerable.Repeat("<49999><4 ", 20_000))).InputIds[0];
        Assert.Equal(20_000, row.Count(id => id == 14 + 49_999));
        Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
    }

    [Fact]
    public void MarksAreOrderedInTimeThatGrowsWithTheText()
    {
        string text = "a" + string.Concat(Enumerable.Repeat("\u0301\u0323", 200_000));
        var time = Stopwatch.StartNew();
        string ordered = NormalizationFormC.Normalize(text, composes: false, isCompatible: false);
        Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
        Assert.Equal($"a{new string('\u0323', 200_000)}{new string('\u0301', 200_000)}", ordered);
    }

    [Theory]
    [InlineData("""{"size": 100000000}""")]
    [InlineData("""{"crop_size": {"height": 1, "width": 100000000}}""")]
    [InlineData("""{"size": {"height": 100000000, "width": 1}}""")]
    [InlineData("""{"size": {"shortest_edge": "\ud800"}}""")]
    public void EdgesThatNoPictureHasAreRefused(string json)
    {
        Assert.Contains("a name", Assert.Throws<ConfigurationException>(() => CLIPImageProcessorConfig.FromJson(json, "a name")).Message);
    }

    private void RefusesFile(CheckpointError expected, byte[] file, string message)
    {
        var error = Assert.Throws<CheckpointException>(() => AltClip.Checkpoints.PyTorch.PyTorchCheckpoint.Open(Folder.Write("pytorch_model.bin", file)));
        Assert.Equal(expected, error.Error);
        Assert.Contains(message, error.Message);
    }

    private void Change(string section, string key, long value)
    {
        string model = TestData.Path("checkpoints", "base-f16");
        if (!File.Exists(Folder.File("config.json")))
            foreach (string file in Directory.GetFiles(model)) File.Copy(file, Folder.File(Path.GetFileName(file)));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Folder.File("config.json")))!;
        config[section]![key] = value;
        File.WriteAllText(Folder.File("config.json"), config.ToJsonString());
    }
}
