using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static AltClip.Training.Tests.AdaptedModel;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Adapters beyond the plain kind, trained: DoRA, rsLoRA, and what peft saved and is trained further here.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LoraVariantsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(true, null, true)]
    [InlineData(true, ScalarType.BFloat16, false)]
    public void DoraLearnsAndIsSaved(bool rslora, ScalarType? type, bool checkpointing)
    {
        manual_seed(1);
        using var model = ModelBuilder.Model();
        var before = Logits(model);
        float[] adapted;
        using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Targets = ["*"], Rank = 4, Alpha = 4, Dropout = 0.1, UseDora = true, UseRslora = rslora }))
        {
            AssertClose(before, Logits(model), 1e-4);
            var first = LossOf(model);
            using (var trainer = new Trainer(adapter, _ => Loss(model), new() { Steps = 30, LearningRate = 1e-2, Seed = 2, ComputeType = type, GradientCheckpointing = checkpointing }))
                trainer.Run();
            Assert.True(LossOf(model) < first * 0.8, $"{first} to {LossOf(model)}");
            adapted = Logits(model);
            adapter.Merge();
            AssertClose(adapted, Logits(model), 1e-3);
            adapter.SavePretrained(_folder.Path);
            Assert.True(adapter.IsMerged);
        }
        Assert.Equal(before, Logits(model));
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!;
        Assert.Equal((true, rslora), ((bool)config["use_dora"]!, (bool)config["use_rslora"]!));
        using (var file = SafeTensors.Open(_folder.File("adapter_model.safetensors")))
            Assert.Equal([16], file.Describe("base_model.model.vision_model.encoder.layers.1.self_attn.q_proj.lora_magnitude_vector").Shape);
        using var loaded = LoraAdapter.FromPretrained(model, _folder.Path);
        Assert.Equal((rslora, true, 4.0), (loaded.Options.UseRslora, loaded.Options.UseDora, loaded.Options.Alpha));
        AssertClose(adapted, Logits(model), 1e-5);
    }

    /// <summary>The change that the merged weight has is that which the gradient is of.</summary>
    [Theory]
    [InlineData("dora")]
    [InlineData("embedding")]
    [InlineData("embedding-positions")]
    [InlineData("conv")]
    [InlineData("dora-conv-embedding")]
    [InlineData("lora-bias")]
    [InlineData("pissa")]
    public void WhatPeftSavedIsTrainedFurther(string name)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var adapter = LoraAdapter.FromPretrained(model, TestData.Path("adapters", name));
        var (names, before) = (adapter.LayerNames, Copies(adapter));
        var size = model.Config.VisionConfig.ImageSize;
        using var ids = tensor(new long[,] { { 0, 5, 17, 33, 60, 2 }, { 0, 98, 44, 29, 2, 1 } });
        using var pixels = linspace(-1, 1, 2 * 3 * size * size).sin().view(2, 3, size, size);
        using (var trainer = new Trainer(adapter, _ => model.forward(ids, pixels, return_loss: true).Loss!, new() { Steps = 2, LearningRate = 1e-3 })) trainer.Run();
        Assert.All(adapter.named_parameters().Zip(before), pair => Assert.False(pair.First.parameter.data<float>().ToArray().SequenceEqual(pair.Second), pair.First.name));
        adapter.SavePretrained(_folder.Path);
        var after = Copies(adapter);
        adapter.Dispose();
        using var again = LoraAdapter.FromPretrained(model, _folder.Path);
        Assert.Equal(names.Order(), again.LayerNames.Order());
        Assert.Equal(after.SelectMany(values => values).Order(), Copies(again).SelectMany(values => values).Order());
    }

    private static List<float[]> Copies(LoraAdapter adapter) => [.. adapter.parameters().Select(parameter => parameter.data<float>().ToArray())];

    private static void AssertClose(float[] expected, float[] actual, double tolerance) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
}
