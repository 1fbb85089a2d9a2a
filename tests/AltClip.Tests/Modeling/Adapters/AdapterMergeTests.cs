using AltClip.Hub;
using AltClip.Modeling.Adapters;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Saved adapters put into a model's weights for good: one, several with factors, and packed in every precision.</summary>
[Collection(nameof(ProcessWide))]
public sealed class AdapterMergeTests
{
    private static readonly string Base = TestData.Path("checkpoints", "base");

    [Theory]
    [InlineData("plain")]
    [InlineData("lora-bias")]
    [InlineData("bias-all")]
    [InlineData("modules-to-save-tower")]
    [InlineData("dora-conv-embedding")]
    [InlineData("pissa-patterns")]
    public void OneIsInTheWeightsAndNothingElseStays(string name)
    {
        using var expected = AltCLIPModel.FromPretrained(Base);
        using var model = AltCLIPModel.FromPretrained(Base);
        LiveTensors.AssertUnchanged(() => LoraAdapter.MergePretrained(model, new AdapterSource(Adapter(name))));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
        using var beside = LoraAdapter.FromPretrained(expected, Adapter(name));
        AssertClose(Embeddings(expected), Embeddings(model), 1e-5);
        // Another may follow: the first is off the layers.
        using var second = LoraAdapter.FromPretrained(model, Adapter("plain"));
    }

    [Fact]
    public void SeveralAreSummedEachAsIfItWereAlone()
    {
        (string Name, double Weight)[] adapters = [("dora", 0.7), ("pissa", -0.3), ("modules-to-save-and-bias", 1.5), ("embedding", 1)];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var plain = AltCLIPModel.FromPretrained(Base);
        var expected = plain.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        foreach (var (name, weight) in adapters)
        {
            using var one = AltCLIPModel.FromPretrained(Base);
            LoraAdapter.MergePretrained(one, new AdapterSource(Adapter(name)));
            foreach (var ((key, merged), before) in one.named_parameters().Zip(plain.parameters())) expected[key].add_((merged - before) * weight);
        }
        using var model = AltCLIPModel.FromPretrained(Base);
        LiveTensors.AssertUnchanged(() => LoraAdapter.MergePretrained(model, [.. adapters.Select(adapter => new AdapterSource(Adapter(adapter.Name), adapter.Weight))]));
        Assert.All(model.named_parameters(), p => Assert.True((p.parameter - expected[p.name]).abs().max().item<float>() < 1e-6, p.name));
    }

    [Fact]
    public void NoneOrNoneOfOneChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var before = AltCLIPModel.FromPretrained(Base);
        using var model = AltCLIPModel.FromPretrained(Base);
        LoraAdapter.MergePretrained(model);
        LoraAdapter.MergePretrained(model, new AdapterSource(Adapter("dora"), 0));
        Assert.All(before.parameters().Zip(model.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void WhatIsRefusedLeavesTheModelAsItWas()
    {
        using var scope = NewDisposeScope();
        using var before = AltCLIPModel.FromPretrained(Base);
        using var model = AltCLIPModel.FromPretrained(Base);
        LiveTensors.AssertUnchanged(() =>
        {
            Assert.Throws<ConfigurationException>(() => LoraAdapter.MergePretrained(model, new AdapterSource(Adapter("pissa")), new AdapterSource(Adapter("kasa"))));
            Assert.ThrowsAny<IOException>(() => LoraAdapter.MergePretrained(model, new AdapterSource(Adapter("plain")), new AdapterSource(Adapter("nowhere"))));
            Assert.Throws<ArgumentOutOfRangeException>(() => LoraAdapter.MergePretrained(model, new AdapterSource(Adapter("plain"), double.NaN)));
        });
        Assert.All(before.parameters().Zip(model.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
        Assert.Contains("cats", Assert.ThrowsAny<IOException>(() => LoraAdapter.FromPretrained(model, Adapter("named"))).Message);
    }

    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void PackedItHasTheMergedNumbers(InferencePrecision precision)
    {
        using var scope = NewDisposeScope();
        var options = new InferenceOptions { Precision = precision };
        using var beside = AltCLIPModel.FromPretrained(Base);
        using var adapter = LoraAdapter.FromPretrained(beside, Adapter("dora-conv-embedding"));
        Assert.Throws<InvalidOperationException>(() => beside.ForInference(options));
        adapter.Merge();
        using var folder = new TemporaryFolder();
        beside.SavePretrained(folder.Path);
        using var expected = AltCLIPInference.FromPretrained(folder.Path, options);
        using var packed = beside.ForInference(options);
        using var loaded = AltCLIPInference.Load(new PretrainedSource(Base, null, null), options, null, [new AdapterSource(Adapter("dora-conv-embedding"))]);
        var wanted = Embeddings(expected);
        AssertClose(wanted, Embeddings(packed), 1e-6);
        AssertClose(wanted, Embeddings(loaded), 1e-6);
        AssertClose(Embeddings(beside), wanted, precision == InferencePrecision.Float32 ? 1e-5 : 0.1);
    }

    [Fact]
    public void TheWordsOfAHalfModelAreNotRounded()
    {
        var half = TestData.Path("checkpoints", "base-f16");
        using var scope = NewDisposeScope();
        using var model = AltCLIPModel.FromPretrained(half);
        LoraAdapter.MergePretrained(model, new AdapterSource(Adapter("embedding")));
        using var packed = AltCLIPInference.Load(new PretrainedSource(half, null, null), new InferenceOptions(), null, [new AdapterSource(Adapter("embedding"))]);
        AssertClose(Embeddings(model), Embeddings(packed), 1e-5);
    }

    [Fact]
    public void APipelineTakesItInItsOptions()
    {
        using var folder = new TemporaryFolder();
        var e2e = TestData.Path("e2e");
        using (var model = AltCLIPModel.FromPretrained(e2e))
        {
            manual_seed(5);
            using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2 });
            using (no_grad())
                foreach (var parameter in adapter.parameters()) parameter.normal_(0, 0.3);
            adapter.SavePretrained(folder.Path);
            adapter.Merge();
            using var scope = NewDisposeScope();
            using var processor = AltCLIPProcessor.FromPretrained(e2e);
            using var plain = AltCLIPPipeline.FromPretrained(e2e);
            using var merged = new AltCLIPPipeline(model.ForInference(), processor);
            using var pipeline = AltCLIPPipeline.FromPretrained(e2e, new() { Adapter = folder.Path });
            using var halved = AltCLIPPipeline.FromPretrained(e2e, new() { Adapters = [new(folder.Path, 0.5), new(folder.Path, 0.5)] });
            var expected = merged.EmbedText(["a cat"]).data<float>().ToArray();
            AssertClose(expected, pipeline.EmbedText(["a cat"]).data<float>().ToArray(), 1e-5);
            AssertClose(expected, halved.EmbedText(["a cat"]).data<float>().ToArray(), 1e-5);
            Assert.Contains(expected.Zip(plain.EmbedText(["a cat"]).data<float>().ToArray()), pair => Math.Abs(pair.First - pair.Second) > 1e-2);
        }
        Assert.Throws<ArgumentNullException>(() => AltCLIPPipeline.FromPretrained(e2e, new() { Adapters = null! }));
        Assert.Throws<ArgumentOutOfRangeException>(() => AltCLIPPipeline.FromPretrained(e2e, new() { Adapters = [new(folder.Path, double.PositiveInfinity)] }));
    }

    private static string Adapter(string name) => TestData.Path("adapters", name);

    private static float[] Embeddings(AltCLIPModel model)
    {
        using var noGrad = no_grad();
        model.eval();
        using var output = model.forward(Ids(), Pixels(model.Config));
        return [.. output.TextEmbeds.data<float>(), .. output.ImageEmbeds.data<float>()];
    }

    private static float[] Embeddings(AltCLIPInference model)
    {
        using var output = model.forward(Ids(), Pixels(model.Config));
        return [.. output.TextEmbeds.data<float>(), .. output.ImageEmbeds.data<float>()];
    }

    private static Tensor Ids() => tensor(new long[,] { { 0, 5, 17, 33, 60, 2 }, { 0, 98, 44, 2, 1, 1 } });

    private static Tensor Pixels(AltCLIPConfig config)
    {
        var size = config.VisionConfig.ImageSize;
        return linspace(-1, 1, 2 * 3 * size * size).sin().view(2, 3, size, size);
    }

    private static void AssertClose(float[] expected, float[] found, double tolerance) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance));
}
