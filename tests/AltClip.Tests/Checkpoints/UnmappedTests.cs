using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>What was loaded without a map does not look at the file again. With one these tests would end the process.</summary>
public class UnmappedTests : CheckpointTests
{
    [Fact]
    public void AModelOutlivesItsFile()
    {
        using var scope = NewDisposeScope();
        string file = CopyModel();
        using var model = AltCLIPModel.FromPretrained(Folder.Path, mapped: false);
        using var mapped = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        Cut(file);
        Assert.All(model.parameters().Zip(mapped.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void APackedModelDoes()
    {
        using var scope = NewDisposeScope();
        string file = CopyModel();
        using var inference = AltCLIPInference.FromPretrained(Folder.Path, new() { Mapped = false });
        var ids = tensor(new long[,] { { 0, 5, 6, 2 } });
        var before = inference.get_text_features(ids);
        Cut(file);
        var after = inference.get_text_features(tensor(new long[,] { { 0, 5, 6, 2 } }));
        Assert.True(before.equal(after).all().item<bool>());
    }

    private string CopyModel()
    {
        foreach (string file in Directory.GetFiles(TestData.Path("checkpoints", "base"))) File.Copy(file, Folder.File(Path.GetFileName(file)));
        return Folder.File("model.safetensors");
    }

    private static void Cut(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.SetLength(0);
    }
}
