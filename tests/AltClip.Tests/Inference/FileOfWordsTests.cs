using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>What a packed model has of its file once it is loaded: rows of words, each as it was or refused by name, and no map.</summary>
[Collection(nameof(ProcessWide))]
public sealed class FileOfWordsTests : CheckpointTests
{
    private static readonly InferencePrecision[] Precisions = Enum.GetValues<InferencePrecision>();

    public static TheoryData<string> Folders => ["base", "base-bin", "base-bf16", "base-f16", "base-sharded", "base-bin-legacy"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void TheyAreTheModels(string name) => LiveTensors.AssertUnchanged(() =>
    {
        using var scope = NewDisposeScope();
        CopyModel(name);
        using var model = AltCLIPModel.FromPretrained(Folder.Path);
        var ids = Ids();
        foreach (var mapped in new[] { true, false })
        {
            using var expected = model.ForInference();
            using var packed = AltCLIPInference.FromPretrained(Folder.Path, new() { Mapped = mapped });
            Assert.Equal(TensorBytes.Of(expected.get_text_features(ids)), TensorBytes.Of(packed.get_text_features(ids)));
            Assert.Equal(TensorBytes.Of(expected.get_text_features(ids)), TensorBytes.Of(packed.get_text_features(ids.to(ScalarType.Int32))));
        }
    });

    [Theory]
    [MemberData(nameof(Folders))]
    public void NoMapOfTheFileStays(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what is mapped.");
        CopyModel(name);
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", name));
        foreach (var precision in Precisions)
        {
            Assert.All(InferenceKernels.Of(model, precision), kernel =>
            {
                using var packed = AltCLIPInference.FromPretrained(Folder.Path, new() { Kernel = kernel, Precision = precision });
                AssertNotMapped();
            });
        }
    }

    [Fact]
    public void NoMapStaysUnderAnAdapterThatLeavesTheWords()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what is mapped.");
        CopyModel("base");
        using var packed = AltCLIPInference.Load(new(Folder.Path, null, null), new(), null, [new(TestData.Path("adapters", "plain"))]);
        AssertNotMapped();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFileThatIsWrittenIntoOrCutIsNamed(bool cut)
    {
        using var scope = NewDisposeScope();
        CopyModel("base");
        using var packed = AltCLIPInference.FromPretrained(Folder.Path);
        var ids = Ids();
        Change(cut);
        var error = Assert.Throws<CheckpointException>(() => packed.get_text_features(ids));
        Assert.Equal(Checkpoints.CheckpointError.Changed, error.Error);
        Assert.Contains(Folder.File("model.safetensors"), error.Message);
        Assert.Contains("word_embeddings.weight", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PicturesDoNotNeedTheFile(bool cut)
    {
        using var scope = NewDisposeScope();
        CopyModel("base");
        using var packed = AltCLIPInference.FromPretrained(Folder.Path);
        var size = packed.Config.VisionConfig.ImageSize;
        var pixels = ones(1, 3, size, size);
        var before = packed.get_image_features(pixels);
        Change(cut);
        Assert.Equal(TensorBytes.Of(before), TensorBytes.Of(packed.get_image_features(pixels)));
    }

    [Fact]
    public void AFileThatIsReplacedOrDeletedIsTheOneThatWasOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace an open file.");
        using var scope = NewDisposeScope();
        CopyModel("base");
        using var packed = AltCLIPInference.FromPretrained(Folder.Path);
        var before = packed.get_text_features(Ids());
        var path = Folder.File("model.safetensors");
        File.Move(Folder.Write("next", new byte[100_000]), path, overwrite: true);
        Assert.Equal(TensorBytes.Of(before), TensorBytes.Of(packed.get_text_features(Ids())));
        File.Delete(path);
        Assert.Equal(TensorBytes.Of(before), TensorBytes.Of(packed.get_text_features(Ids())));
    }

    private static Tensor Ids() => tensor(new long[,] { { 0, 5, 6, 7, 2 }, { 0, 7, 7, 5, 2 } });

    private void CopyModel(string name)
    {
        foreach (var file in Directory.GetFiles(TestData.Path("checkpoints", name))) File.Copy(file, Folder.File(Path.GetFileName(file)));
    }

    private void AssertNotMapped() => Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.Contains(Folder.Path, StringComparison.Ordinal));

    private void Change(bool cut)
    {
        using var stream = new FileStream(Folder.File("model.safetensors"), FileMode.Open, FileAccess.ReadWrite);
        if (cut) stream.SetLength(stream.Length / 100);
        else for (long i = stream.Length / 100; i < stream.Length; i++) stream.WriteByte(1);
    }
}
