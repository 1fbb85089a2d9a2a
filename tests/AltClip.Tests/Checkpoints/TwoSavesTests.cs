using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Shared;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Files that belong together and are replaced one after the other while they are read: all of one save, or refused by name.</summary>
public sealed class TwoSavesTests : CheckpointTests
{
    private const string Index = """{ "weight_map": { "x": "a.safetensors", "y": "b.safetensors" } }""";

    public TwoSavesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace an open file.");

    [Theory]
    [InlineData("a.safetensors")]
    [InlineData("model.safetensors.index.json")]
    public void ShardsThatAreReplacedOnceAreReadAgain(string replaced)
    {
        Write("a.safetensors", "x", 1);
        Write("b.safetensors", "y", 1);
        File.WriteAllText(Folder.File("model.safetensors.index.json"), Index);
        var opened = 0;
        using var scope = NewDisposeScope();
        using var source = ShardedCheckpoint.Open(Folder.File("model.safetensors.index.json"), path =>
        {
            var shard = SafeTensors.Open(path);
            // After the first shard is open, before the second is.
            if (++opened == 1)
            {
                Write("b.safetensors", "y", 2);
                if (replaced == "a.safetensors") Write("a.safetensors", "x", 2);
                else Replace("model.safetensors.index.json", Index + " ");
            }
            return shard;
        });

        Assert.Equal(4, opened);
        Assert.Equal(replaced == "a.safetensors" ? 2 : 1, source.Read("x").mean().item<float>());
        Assert.Equal(2, source.Read("y").mean().item<float>());
    }

    [Fact]
    public void ShardsThatAreReplacedAgainAndAgainAreRefused()
    {
        Write("a.safetensors", "x", 1);
        Write("b.safetensors", "y", 1);
        File.WriteAllText(Folder.File("model.safetensors.index.json"), Index);
        var error = Assert.Throws<CheckpointException>(() => ShardedCheckpoint.Open(Folder.File("model.safetensors.index.json"), path =>
        {
            var shard = SafeTensors.Open(path);
            if (path.EndsWith("a.safetensors", StringComparison.Ordinal)) Write("a.safetensors", "x", 2);
            return shard;
        }));
        Assert.Equal((CheckpointError.Changed, Folder.File("a.safetensors")), (error.Error, error.Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AConfigurationThatIsReplacedBeforeTheWeightsAreOpenIsReadAgainOnce(int times)
    {
        CopyModel("base");
        var text = File.ReadAllText(Folder.File("config.json"));
        var reads = 0;
        AltCLIPModel Load() => Modeling.Pretrained.Load(new(Folder.Path, null, null), (folder, bound) =>
        {
            var config = AltCLIPConfig.FromPretrained(folder);
            if (reads++ < times) Replace("config.json", text + new string(' ', reads));
            return AltCLIPModel.WithoutWeights(bound.Check(config));
        }, StateNames.FullModel, new());
        if (times == 1)
        {
            Load().Dispose();
            Assert.Equal(2, reads);
            return;
        }
        Assert.Equal(Folder.File("config.json"), Assert.Throws<CheckpointException>(Load).Path);
    }

    [Fact]
    public void WeightsThatAreWrittenIntoWhileTheyAreCopiedAreRefused()
    {
        CopyModel("base");
        var path = Folder.File("model.safetensors");
        var bytes = File.ReadAllBytes(path);
        Assert.Equal(CheckpointError.Changed, Assert.Throws<CheckpointException>(() => AltCLIPModel.Load(new(Folder.Path, null, null), new(Mapped: false, Outliving: new(_ =>
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            stream.Write(bytes);
            return false;
        })))).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AConfigurationIsOfTheWeightsThatAreThere(bool sharded)
    {
        // A save that ended after it had moved config.json: where a folder has the name of a file, the move to that fails.
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        using var other = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "act-relu"));
        model.SavePretrained(Folder.Path);
        var (before, weights) = (File.ReadAllText(Folder.File("config.json")), File.ReadAllBytes(Folder.File("model.safetensors")));
        Directory.CreateDirectory(Folder.File("model.safetensors.index.json"));
        Assert.ThrowsAny<Exception>(() => other.SavePretrained(Folder.Path, maxShardSize: 20_000));
        Assert.NotEqual(before, File.ReadAllText(Folder.File("config.json")));
        Assert.Equal(weights, File.ReadAllBytes(Folder.File("model.safetensors")));

        Assert.Equal(model.Config.TextConfig.HiddenAct, AltCLIPConfig.FromPretrained(Folder.Path).TextConfig.HiddenAct);
        using (AltCLIPModel.FromPretrained(Folder.Path)) { }

        // What someone writes by hand counts, and so does the next save, which leaves nothing.
        Directory.Delete(Folder.File("model.safetensors.index.json"));
        if (sharded) other.SavePretrained(Folder.Path, maxShardSize: 20_000);
        else other.SavePretrained(Folder.Path);
        Assert.Equal(other.Config.TextConfig.HiddenAct, AltCLIPConfig.FromPretrained(Folder.Path).TextConfig.HiddenAct);
        Assert.DoesNotContain(Folder.Files, file => file.EndsWith(".tmp", StringComparison.Ordinal) || file.Contains("before", StringComparison.Ordinal));
    }

    [Fact]
    public void AnEditedConfigurationCountsWhateverASaveLeft()
    {
        File.WriteAllText(Folder.File("config.json"), "old");
        Folder.Write("model.safetensors", [1, 2, 3]);
        var path = Folder.File("config.json");
        HalfSave.Begin(path, "new", "model.safetensors");
        Assert.Equal("old", HalfSave.ReadConfig(path));
        File.WriteAllText(path, "new");
        Assert.Equal("old", HalfSave.ReadConfig(path));
        File.WriteAllText(path, "by hand");
        Assert.Equal("by hand", HalfSave.ReadConfig(path));
        File.WriteAllText(path, "new");
        Folder.Write("model.safetensors", [4, 5, 6, 7]);
        Assert.Equal("new", HalfSave.ReadConfig(path));
        File.WriteAllText(HalfSave.NoteOf(path), "{}");
        Assert.Equal("new", HalfSave.ReadConfig(path));
        HalfSave.End(path);
        Assert.Equal(2, Folder.Files.Length);
    }

    [Fact]
    public void AnAdaptersConfigurationIsOfItsWeights()
    {
        foreach (var file in Directory.GetFiles(TestData.Path("adapters", "plain"))) File.Copy(file, Folder.File(Path.GetFileName(file)));
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        var config = Folder.File("adapter_config.json");
        var text = File.ReadAllText(config);
        HalfSave.Begin(config, text.Replace("\"r\": 4", "\"r\": 5"), "adapter_model.safetensors");
        File.WriteAllText(config, text.Replace("\"r\": 4", "\"r\": 5"));
        LoraAdapter.FromPretrained(model, Folder.Path).Dispose();
        Assert.True(File.Exists(HalfSave.NoteOf(config)));
    }

    private void CopyModel(string name)
    {
        foreach (var file in Directory.GetFiles(TestData.Path("checkpoints", name))) File.Copy(file, Folder.File(Path.GetFileName(file)));
    }

    private void Write(string name, string tensor, int value)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Save(Folder.File("next"), new Dictionary<string, Tensor> { [tensor] = full(10, (float)value) });
        Move(name);
    }

    private void Replace(string name, string text)
    {
        File.WriteAllText(Folder.File("next"), text);
        Move(name);
    }

    /// <summary>Moves a file that is another even to a system whose clock stands still for milliseconds.</summary>
    private void Move(string name)
    {
        File.SetLastWriteTimeUtc(Folder.File("next"), new DateTime(2020, 1, 1).AddSeconds(_moved++));
        File.Move(Folder.File("next"), Folder.File(name), overwrite: true);
    }

    private int _moved;
}
