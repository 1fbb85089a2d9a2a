using AltClip.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>A save that ends halfway leaves the weights that were there, whole, and nothing that stays.</summary>
public class InterruptedSaveTests : CheckpointTests
{
    [Fact]
    public void TheOldShardsStayWholeUntilAllNewOnesAreThere()
    {
        Save(1);
        // where a folder has the name of a file, the move to it fails: after the shards', before the index's
        Directory.CreateDirectory(Folder.File("config.json"));
        Assert.ThrowsAny<Exception>(() => Save(2, new() { ["config.json"] = "{}" }));
        AssertAll(1);

        Directory.Delete(Folder.File("config.json"));
        Save(2, new() { ["config.json"] = "{}" });
        AssertAll(2);
        Assert.Equal(5, Folder.Files.Length);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model-00001-of-00003.safetensors")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("config.json")]
    public void WhatAKilledSaveLeftGoesWithTheNext(string name)
    {
        Folder.Write($"{name}.{Guid.NewGuid():N}.tmp", [1, 2, 3]);
        Folder.Write($"{name}.mine.tmp", [1]);
        using var other = File.Open(Folder.File($"{name}.{Guid.NewGuid():N}.tmp"), FileMode.CreateNew);
        Save(1, new() { ["config.json"] = "{}" });
        Assert.Equal(
            new[] { Path.GetFileName(other.Name), $"{name}.mine.tmp" }.Order(StringComparer.Ordinal),
            Folder.Files.Where(file => file.EndsWith(".tmp", StringComparison.Ordinal)));
    }

    [Fact]
    public void ManySavesOverOneAnotherLeaveOneSet()
    {
        for (int value = 1; value <= 4; value++)
        {
            Save(value);
            AssertAll(value);
            Assert.Equal(4, Folder.Files.Length);
        }
    }

    private void Save(int value, Dictionary<string, string>? texts = null)
    {
        using var scope = NewDisposeScope();
        CheckpointWriter.Save(Folder.Path, Enumerable.Range(0, 3).Select(i => KeyValuePair.Create($"{i}", full(10, value, dtype: ScalarType.Byte))), 10, texts: texts);
    }

    private void AssertAll(int value)
    {
        using var scope = NewDisposeScope();
        using var source = CheckpointFiles.Open(Folder.Path);
        Assert.Equal(3, source.Names.Count);
        Assert.All(source.Names, name => Assert.All(source.Read(name).data<byte>().ToArray(), element => Assert.Equal(value, element)));
    }
}
