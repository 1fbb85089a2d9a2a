using AltClip.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

public class CheckpointFilesTests : CheckpointTests
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    [Theory]
    [InlineData("base", 115, "model.safetensors")]
    [InlineData("base-sharded", 115, "model.safetensors.index.json")]
    [InlineData("base-bin", 115, "pytorch_model.bin")]
    [InlineData("base-bin-sharded", 115, "pytorch_model.bin.index.json")]
    [InlineData("base-bin-2022", 117, "pytorch_model.bin")]
    [InlineData("base-bin-legacy", 117, "pytorch_model.bin")]
    public void ReferenceFoldersHoldTheSameTensors(string folder, int count, string file)
    {
        using var expected = CheckpointFiles.Open(TestData.Path("checkpoints", "base"));
        using var actual = CheckpointFiles.Open(TestData.Path("checkpoints", folder));

        Assert.Equal(TestData.Path("checkpoints", folder, file), actual.Location);
        var read = TensorBytes.Of(actual);
        Assert.Equal(count, read.Count);
        Assert.All(TensorBytes.Of(expected), tensor => Assert.Equal(tensor.Value, read[tensor.Key]));
    }

    // The numbers are as Python's struct module reads them.
    [Theory]
    [InlineData("base-f16", ScalarType.Float16, new[] { 0.1307373046875f, 0.423828125f, -0.4375f })]
    [InlineData("base-bf16", ScalarType.BFloat16, new[] { -0.46484375f, 0.267578125f, -0.259765625f })]
    public void HalfPrecisionFoldersHoldTheirNumbers(string folder, ScalarType dtype, float[] first)
    {
        using var scope = NewDisposeScope();
        using var source = CheckpointFiles.Open(TestData.Path("checkpoints", folder));

        Assert.Equal(115, source.Names.Count);
        Assert.All(source.Names, name => Assert.Equal(dtype, source.Describe(name).DType));
        Assert.Equal(first, source.Read("text_projection.weight").flatten().narrow(0, 0, 3).to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void FilesAreChosenInTheOrderOfTransformers()
    {
        Copy("base-bin-sharded", "*");
        Opens("pytorch_model.bin.index.json");
        Copy("base-bin", "*.bin");
        Opens("pytorch_model.bin");
        Copy("base-sharded", "model*");
        Opens("model.safetensors.index.json");
        Copy("base", "*.safetensors");
        Opens("model.safetensors");

        void Opens(string name)
        {
            using var source = CheckpointFiles.Open(Folder.Path);
            Assert.Equal(Folder.File(name), source.Location);
            Assert.Equal(115, source.Names.Count);
        }
    }

    [Fact]
    public void MissingFoldersAndFilesAreNamed()
    {
        Assert.Contains(Folder.File("none"), Assert.Throws<DirectoryNotFoundException>(() => CheckpointFiles.Open(Folder.File("none"))).Message);
        Assert.Throws<ArgumentException>(() => CheckpointFiles.Open(""));
        string message = Assert.Throws<FileNotFoundException>(() => CheckpointFiles.Open(Folder.Path)).Message;
        Assert.All(
            [Folder.Path, "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"],
            name => Assert.Contains(name, message));
    }

    [Fact]
    public void AllMissingShardsAreReportedAtOnce()
    {
        Copy("base-sharded", "model*");
        File.Delete(Folder.File("model-00003-of-00008.safetensors"));
        File.Delete(Folder.File("model-00007-of-00008.safetensors"));

        string message = Assert.Throws<FileNotFoundException>(() => CheckpointFiles.Open(Folder.Path)).Message;
        Assert.Contains("model.safetensors.index.json", message);
        Assert.Contains("model-00003-of-00008.safetensors, model-00007-of-00008.safetensors", message);
    }

    [Fact]
    public void TensorsThatShardsLackAreReportedAtOnce()
    {
        Copy("base-sharded", "model*");
        File.Copy(Folder.File("model-00001-of-00008.safetensors"), Folder.File("model-00008-of-00008.safetensors"), overwrite: true);

        var exception = Refuses(CheckpointError.MissingTensors);
        Assert.Contains("8 tensors", exception.Message);
        Assert.Contains("text_projection.weight (in model-00008-of-00008.safetensors)", exception.Message);
        Assert.Contains("visual_projection.weight (in model-00008-of-00008.safetensors)", exception.Message);
    }

    [Fact]
    public void ADamagedShardIsNamed()
    {
        Copy("base-sharded", "model*");
        File.WriteAllBytes(Folder.File("model-00005-of-00008.safetensors"), []);

        Assert.Equal(Folder.File("model-00005-of-00008.safetensors"), Refuses(CheckpointError.FileEmpty).Path);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("folder/model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\\\model.safetensors")]
    [InlineData("C:model.safetensors")]
    public void ShardsOutsideTheFolderAreRefused(string shard)
    {
        Index($$"""{"weight_map":{"x":"{{shard}}"} }""");
        Assert.Contains($"'{shard.Replace(@"\\", @"\")}'", Refuses(CheckpointError.ShardOutsideFolder).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{"x":1}}""")]
    [InlineData("""{"weight_map":{"x":"a","x":"b"}}""")]
    [InlineData("""{"weight_map":{"x":"\ud800"}}""")]
    public void MalformedIndexesAreRefused(string json)
    {
        Index(json);
        Refuses(CheckpointError.InvalidIndex);
    }

    [Fact]
    public void NamesBeyondTheIndexArePassedOver()
    {
        using (var scope = NewDisposeScope())
            SafeTensors.Save(Folder.File("a"), new Dictionary<string, Tensor> { ["x"] = ones(2), ["y"] = ones(3) }, Metadata);

        Index("""{"weight_map":{"y":"a"}}""");
        using var source = CheckpointFiles.Open(Folder.Path);
        Assert.Equal([new SafeTensorInfo("y", ScalarType.Float32, [3])], source.Names.Select(source.Describe));
        Assert.Contains("'x'", Assert.Throws<KeyNotFoundException>(() => source.Read("x")).Message);
    }

    private void Index(string json) => File.WriteAllText(Folder.File("model.safetensors.index.json"), json);

    private void Copy(string folder, string pattern)
    {
        foreach (string path in Directory.EnumerateFiles(TestData.Path("checkpoints", folder), pattern))
            File.WriteAllBytes(Folder.File(Path.GetFileName(path)), File.ReadAllBytes(path));
    }

    private CheckpointException Refuses(CheckpointError error)
    {
        var exception = Assert.Throws<CheckpointException>(() => CheckpointFiles.Open(Folder.Path));
        Assert.Equal(error, exception.Error);
        return exception;
    }
}
