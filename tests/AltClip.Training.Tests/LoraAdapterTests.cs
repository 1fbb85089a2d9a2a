using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using AltClip.Training.Losses;
using Xunit;
using static AltClip.Training.Tests.AdaptedModel;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class LoraAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    private string Folder => _folder.File("adapter");

    private static TrainerOptions Options => new() { Steps = 30, LearningRate = 1e-2, Seed = 2 };

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AFreshAdapterChangesNothing()
    {
        var before = Logits(_model);
        using var adapter = LoraAdapter.Attach(_model);
        Assert.Equal(before, Logits(_model));
        Assert.Equal(8, adapter.LayerNames.Count);
        Assert.Contains("text_model.roberta.encoder.layer.0.attention.self.query", adapter.LayerNames);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(ScalarType.BFloat16, true)]
    public void ItLearnsAndTheModelStays(ScalarType? type, bool checkpointing)
    {
        using var before = NewModel();
        using (var adapter = LoraAdapter.Attach(_model, new LoraOptions { Targets = ["*"], Rank = 4, Dropout = 0.1 }))
        {
            var first = LossOf(_model);
            Train(adapter, Options with { ComputeType = type, GradientCheckpointing = checkpointing });
            Assert.True(LossOf(_model) < first * 0.7, $"{first} to {LossOf(_model)}");
            AssertSameWeights(before);
        }
        Assert.Equal(Logits(before), Logits(_model));
        Assert.All(_model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void MergingGivesTheSameResultsAndUnmergingTheSameWeights()
    {
        using var before = NewModel();
        using var adapter = LoraAdapter.Attach(_model, new LoraOptions { Targets = ["*.fc1", "*.dense", "text_projection"] });
        Train(adapter, Options);
        var (plain, adapted) = (Logits(before), Logits(_model));
        Assert.NotEqual(plain, adapted);
        adapter.Merge();
        adapter.Merge();
        Assert.True(adapter.IsMerged);
        AssertClose(adapted, Logits(_model));
        _model.SavePretrained(_folder.File("merged"));
        using (var merged = AltCLIPModel.FromPretrained(_folder.File("merged"))) AssertClose(adapted, Logits(merged));
        adapter.Unmerge();
        AssertSameWeights(before);
        Assert.Equal(adapted, Logits(_model));
    }

    [Fact]
    public void ItIsSavedAloneAndLoadedAsPeftDoes()
    {
        float[] adapted;
        using (var adapter = LoraAdapter.Attach(_model, new LoraOptions { Rank = 4, Alpha = 6 }))
        {
            Train(adapter, Options);
            adapter.SavePretrained(Folder);
            adapted = Logits(_model);
        }
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "adapter_config.json")))!;
        Assert.Equal(("LORA", 4, 6.0), ((string)config["peft_type"]!, (int)config["r"]!, (double)config["lora_alpha"]!));
        using (var file = SafeTensors.Open(Path.Combine(Folder, "adapter_model.safetensors")))
        {
            Assert.Equal([4, 16], file.Describe("base_model.model.vision_model.encoder.layers.1.self_attn.q_proj.lora_A.weight").Shape);
            Assert.Equal([16, 4], file.Describe("base_model.model.vision_model.encoder.layers.1.self_attn.q_proj.lora_B.weight").Shape);
        }
        using var loaded = LoraAdapter.FromPretrained(_model, Folder);
        Assert.Equal(adapted, Logits(_model));
    }

    [Fact]
    public void AKilledRunGoesOnBitForBit()
    {
        var options = Options with { Steps = 6, CheckpointFile = _folder.File("run.safetensors"), CheckpointEvery = 2, ComputeType = ScalarType.BFloat16 };
        using (var adapter = NewAdapter(_model)) Train(adapter, options with { CheckpointFile = null, Steps = 6 }, keep: Folder);
        using (var model = NewModel())
        using (var adapter = NewAdapter(model))
        using (var trainer = new Trainer(adapter, n => n == 5 ? throw new TimeoutException() : Loss(model), options))
            Assert.Throws<TimeoutException>(() => trainer.Run());

        using var fresh = NewModel();
        using var resumed = NewAdapter(fresh);
        using (var trainer = new Trainer(resumed, _ => Loss(fresh), options))
        {
            Assert.True(trainer.Resume());
            Assert.Equal(4, trainer.Step);
            trainer.Run();
        }
        using var expected = LoraAdapter.FromPretrained(_model, Folder);
        Assert.Equal(Logits(_model), Logits(fresh));
    }

    [Fact]
    public void GradientCachingReachesIt()
    {
        using var adapter = NewAdapter(_model);
        using var loss = GradientCache.ContrastiveBackward(_model, ModelBuilder.Ids(4), ModelBuilder.Pixels(4), 2);
        Assert.All(adapter.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Contains("q_proj", Assert.Throws<ArgumentException>("Targets", () => LoraAdapter.Attach(_model, new() { Targets = ["*.qproj"] })).Message);
        Assert.Throws<ArgumentOutOfRangeException>("Rank", () => LoraAdapter.Attach(_model, new() { Rank = 0 }));
        using (var adapter = LoraAdapter.Attach(_model, new() { Rank = 4 }))
        {
            adapter.SavePretrained(Folder);
            Assert.Throws<InvalidOperationException>(() => LoraAdapter.Attach(_model));
            Assert.Throws<InvalidOperationException>(() => _model.ForInference());
        }
        var wide = ModelBuilder.Config();
        wide = wide with { VisionConfig = wide.VisionConfig with { HiddenSize = 32 } };
        using var other = new AltCLIPModel(wide);
        var message = Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(other, Folder)).Message;
        Assert.Contains("layers.0.self_attn.q_proj.lora_A.weight has shape [4, 16]; expected [4, 32]", message);
        using var text = new AltCLIPTextModel(ModelBuilder.Config().TextConfig);
        Assert.Contains("unexpected: base_model.model.vision_model", Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(text, Folder)).Message);
        Change("r", 8);
        Assert.Contains("[4, 16]; expected [8, 16]", Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(_model, Folder)).Message);
        Change("use_bdlora", true);
        Assert.Contains("use_bdlora is true", Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, Folder)).Message);
        Change("r", "many");
        Change("use_bdlora", false);
        Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, Folder));
        Assert.ThrowsAny<IOException>(() => LoraAdapter.FromPretrained(_model, _folder.File("adapter2/adapter_model")));
    }

    [Fact]
    public void NothingStays() => LiveTensors.AssertUnchanged(() =>
    {
        using var model = NewModel();
        using var adapter = NewAdapter(model);
        Train(adapter, Options with { Steps = 2 }, keep: Folder);
        adapter.Merge();
        adapter.Unmerge();
        Assert.Throws<InvalidOperationException>(() => LoraAdapter.FromPretrained(model, Folder));
        adapter.Merge();
    });

    private void Change(string key, JsonNode value)
    {
        var path = Path.Combine(Folder, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
    }

    private static LoraAdapter NewAdapter(AltCLIPModel model)
    {
        manual_seed(3);
        return LoraAdapter.Attach(model, new LoraOptions { Rank = 2, Dropout = 0.2 });
    }

    private static void Train(LoraAdapter adapter, TrainerOptions options, string? keep = null)
    {
        using var trainer = new Trainer(adapter, _ => Loss((AltCLIPModel)adapter.Model), options);
        trainer.Run();
        if (keep is not null) adapter.SavePretrained(keep);
    }

    private void AssertSameWeights(AltCLIPModel expected)
    {
        using var scope = NewDisposeScope();
        Assert.All(_model.named_parameters().Zip(expected.parameters()), pair =>
            Assert.True(pair.First.parameter.equal(pair.Second).all().item<bool>(), pair.First.name));
    }

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }
}
