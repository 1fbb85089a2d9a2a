using AltClip.Modeling.Adapters;
using Xunit;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class DisposedAdapterTests : IDisposable
{
    private static readonly LoraOptions All = new() { Targets = ["*"], Rank = 2 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItRefusesAndTheSavedOneStays()
    {
        using var model = ModelBuilder.Model();
        var adapter = LoraAdapter.Attach(model, All);
        adapter.SavePretrained(_folder.Path);
        var files = Files();
        adapter.Dispose();
        adapter.Dispose();
        Action[] calls =
        [
            () => adapter.SavePretrained(_folder.Path), adapter.Merge, adapter.MergeAndUnload, adapter.Unmerge, () => adapter.train(), adapter.eval,
            () => _ = adapter.parameters(), () => _ = adapter.named_parameters(), () => _ = adapter.LayerNames,
        ];
        Assert.All(calls, call => Assert.Contains(nameof(LoraAdapter), Assert.Throws<ObjectDisposedException>(call).ObjectName));
        Assert.Equal(files, Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ItMayOutliveItsModel(bool merged) => LiveTensors.AssertUnchanged(() =>
    {
        var model = ModelBuilder.Model();
        using var adapter = LoraAdapter.Attach(model, All with { UseDora = true });
        if (merged) adapter.Merge();
        model.Dispose();
    });

    [Theory]
    [InlineData("bias-all")]
    [InlineData("modules-to-save")]
    [InlineData("pissa-patterns")]
    public void ALoadedOneMayOutliveItsModel(string name) => LiveTensors.AssertUnchanged(() =>
    {
        var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var adapter = LoraAdapter.FromPretrained(model, TestData.Path("adapters", name));
        adapter.Merge();
        model.Dispose();
    });

    [Fact]
    public void ADisposedModelTakesNone()
    {
        var model = ModelBuilder.Model();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => LoraAdapter.Attach(model, All));
        Assert.Throws<ObjectDisposedException>(() => LoraAdapter.FromPretrained(model, TestData.Path("adapters", "plain")));
    }

    [Fact]
    public void AModelIsNotSavedWithoutWhatItComputesWith()
    {
        using var model = ModelBuilder.Model();
        using var adapter = LoraAdapter.Attach(model, All);
        foreach (var part in (AltClip.Modeling.AltCLIPPreTrainedModel[])[model, model.text_model])
            Assert.Contains("Merge it first", Assert.Throws<InvalidOperationException>(() => part.SavePretrained(_folder.Path)).Message);
        Assert.Contains("Merge it first", Assert.Throws<InvalidOperationException>(() => model.ForInference()).Message);
        Assert.Empty(Files());
        adapter.Merge();
        model.SavePretrained(_folder.Path);
        model.ForInference().Dispose();
    }

    private byte[][] Files() => [.. Directory.GetFiles(_folder.Path).Order().Select(File.ReadAllBytes)];
}
