using AltClip.Checkpoints;
using AltClip.Shared;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

public class CheckpointWriterTests : CheckpointTests
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    // transformers wrote base-sharded with this size from the state dict whose order base-bin keeps.
    [Theory]
    [InlineData("base-sharded", 40_000)]
    [InlineData("base", 260_676)]
    public void WritesWhatTransformersDoes(string reference, long maxShardSize)
    {
        using (var scope = NewDisposeScope())
        using (var source = CheckpointFiles.Open(TestData.Path("checkpoints", "base-bin")))
            CheckpointWriter.Save(Folder.File("new"), source.Names.Select(name => KeyValuePair.Create(name, source.Read(name))), maxShardSize, Metadata);

        string[] expected = [.. Directory.EnumerateFiles(TestData.Path("checkpoints", reference), "model*").Order(StringComparer.Ordinal)];
        string[] actual = [.. Directory.EnumerateFileSystemEntries(Folder.File("new")).Order(StringComparer.Ordinal)];
        Assert.Equal(expected.Select(Path.GetFileName), actual.Select(Path.GetFileName));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(File.ReadAllBytes(pair.First), File.ReadAllBytes(pair.Second)));
    }

    [Fact]
    public void ShardsFillInOrderAndLargerTensorsStandAlone()
    {
        long[] sizes = [6, 6, 2, 6, 2, 11, 2, 10];
        using (var scope = NewDisposeScope())
            CheckpointWriter.Save(Folder.Path, sizes.Select((size, i) => KeyValuePair.Create($"{i}", zeros(size, dtype: ScalarType.Byte))), 10);

        string[][] expected = [["0"], ["1", "2"], ["5"], ["3", "4", "6"], ["7"]];
        // As in huggingface_hub, a tensor that is too large gets its shard before the one that was being filled.
        Assert.Equal(expected.Length + 1, Folder.Files.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            using var shard = SafeTensors.Open(Folder.File($"model-{i + 1:D5}-of-00005.safetensors"));
            Assert.Equal(expected[i], shard.Names);
        }
    }

    [Fact]
    public void FilesOfAnEarlierSaveGoAndOthersStay()
    {
        string[] others = ["config.json", "model-00001-of-00002.safetensors.bak", "model.onnx", "pytorch_model.bin"];
        foreach (string name in others)
            File.WriteAllText(Folder.File(name), name);

        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { ["a"] = ones(4), ["b"] = ones(4), ["c"] = ones(4) };
        Save(16, "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", "model.safetensors.index.json");
        Save(32, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json");
        Save(48, "model.safetensors");
        Save(32, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json");

        void Save(long maxShardSize, params string[] written)
        {
            CheckpointWriter.Save(Folder.Path, tensors, maxShardSize, Metadata);
            Assert.Equal(written.Concat(others).Order(StringComparer.Ordinal), Folder.Files);
            using var source = CheckpointFiles.Open(Folder.Path);
            Assert.Equal(["a", "b", "c"], source.Names);
        }
    }

    [Fact]
    public void RefusalsLeaveTheFolderAsItWas()
    {
        using var scope = NewDisposeScope();
        var good = new Dictionary<string, Tensor> { ["a"] = ones(4) };
        CheckpointWriter.Save(Folder.Path, good, 100, Metadata);
        byte[] before = File.ReadAllBytes(Folder.File("model.safetensors"));

        var bad = new Dictionary<string, Tensor> { ["a"] = zeros(4), ["b"] = zeros(4, dtype: ScalarType.ComplexFloat32) };
        Assert.Throws<ArgumentException>(() => CheckpointWriter.Save(Folder.Path, bad, 16, Metadata));
        Assert.Throws<ArgumentOutOfRangeException>(() => CheckpointWriter.Save(Folder.Path, good, 0, Metadata));
        Directory.CreateDirectory(Folder.File("model.safetensors.index.json"));
        Assert.ThrowsAny<Exception>(() => CheckpointWriter.Save(Folder.Path, new Dictionary<string, Tensor> { ["a"] = zeros(4), ["b"] = zeros(4) }, 16, Metadata));

        Assert.DoesNotContain(Folder.Files, name => name.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal(before, File.ReadAllBytes(Folder.File("model.safetensors")));
    }

    [Fact]
    public void TextIsWrittenBesideAndMoved()
    {
        StagedFiles.WriteText(Folder.File("config.json"), "{}");
        StagedFiles.WriteText(Folder.File("config.json"), "[猫]");

        Assert.Equal("[猫]"u8, File.ReadAllBytes(Folder.File("config.json")));
        Assert.Equal(["config.json"], Folder.Files);
    }

    [Theory]
    [InlineData("5GB", 5_000_000_000)]
    [InlineData("200MB", 200_000_000)]
    [InlineData("1.5 kb", 1500)]
    [InlineData(" 3TB ", 3_000_000_000_000)]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("0.5MiB", 1 << 19)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("1kib", 1 << 10)]
    [InlineData("0.001KB", 1)]
    [InlineData("9223372036854775.807KB", long.MaxValue)]
    public void SizesAreParsed(string text, long bytes) => Assert.Equal(bytes, ShardSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("GB")]
    [InlineData("-5GB")]
    [InlineData("0GB")]
    [InlineData("5 G B")]
    [InlineData("5,5GB")]
    [InlineData("99999999999999999999TB")]
    [InlineData("9223372036854775.807MB")]
    [InlineData("9223372036854775.808KB")]
    [InlineData("0.0009KB")]
    public void OtherSizesAreRefused(string text) => Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => ShardSize.Parse(text)).Message);
}
