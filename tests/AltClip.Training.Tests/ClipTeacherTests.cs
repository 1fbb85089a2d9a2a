using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Tests;
using AltClip.Training.Teacher;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class ClipTeacherTests : IDisposable
{
    private static readonly string Checkpoint = TestData.Path("checkpoints", "clip-text-gelu");

    private readonly TemporaryFolder _folder = new();
    private readonly Tensor _ids = tensor(new long[,] { { 47, 3, 9, 48, 1 }, { 47, 5, 48, 1, 1 } });

    public void Dispose()
    {
        _ids.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("text_config")]
    [InlineData("text_config_dict")]
    public void TheFolderOfAFullModelGivesTheSame(string key)
    {
        using var scope = NewDisposeScope();
        var text = JsonNode.Parse(File.ReadAllText(Path.Combine(Checkpoint, "config.json")))!.AsObject();
        var full = new JsonObject { ["model_type"] = "clip", ["projection_dim"] = 24, ["vision_config"] = new JsonObject { ["hidden_size"] = 8 } };
        text["projection_dim"] = 512;
        full[key] = text;
        if (key == "text_config_dict") full["text_config"] = new JsonObject { ["hidden_size"] = 99 };
        File.WriteAllText(_folder.File("config.json"), full.ToJsonString());
        using (var file = SafeTensors.Open(Path.Combine(Checkpoint, "model.safetensors")))
        {
            var tensors = file.Names.ToDictionary(name => name, name => file[name]);
            tensors["text_model.embeddings.position_ids"] = arange(16).unsqueeze(0);
            tensors["vision_model.post_layernorm.weight"] = ones(8);
            tensors["visual_projection.weight"] = ones(24, 8);
            tensors["logit_scale"] = ones([]);
            SafeTensors.Save(_folder.File("model.safetensors"), tensors);
        }
        using var alone = CLIPTextModelWithProjection.FromPretrained(Checkpoint);
        using var fromFull = CLIPTextModelWithProjection.FromPretrained(_folder.Path);
        Assert.True(alone.forward(_ids).TextEmbeds.equal(fromFull.forward(_ids).TextEmbeds).all().item<bool>());
    }

    [Fact]
    public void NothingStaysButTheOutput()
    {
        LiveTensors.AssertUnchanged(() => CLIPTextModelWithProjection.FromPretrained(Checkpoint).Dispose());
        using var model = CLIPTextModelWithProjection.FromPretrained(Checkpoint);
        LiveTensors.AssertUnchanged(() =>
        {
            using var output = model.forward(_ids, output_attentions: true, output_hidden_states: true);
            Assert.Equal(3, output.HiddenStates!.Count);
            Assert.Equal([2, 4, 5, 5], output.Attentions![1].shape);
        });
    }

    [Fact]
    public void WhatComesAfterTheEndChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = CLIPTextModelWithProjection.FromPretrained(Checkpoint);
        var other = tensor(new long[,] { { 47, 3, 9, 48, 20 }, { 47, 5, 48, 30, 48 } });
        Assert.True(model.forward(_ids).TextEmbeds.allclose(model.forward(other).TextEmbeds, atol: 1e-6));
    }

    [Fact]
    public void AttentionWeightsAreCausalAndSkipPadding()
    {
        using var scope = NewDisposeScope();
        using var model = CLIPTextModelWithProjection.FromPretrained(Checkpoint);
        var mask = _ids.ne(1).to(int64);
        var output = model.forward(_ids, mask, arange(5, dtype: int64).unsqueeze(0), output_attentions: true);
        var seen = output.Attentions![0].gt(0);
        Assert.False((seen & ones(5, 5, dtype: @bool).triu(1)).any().item<bool>());
        Assert.False((seen & mask.view(2, 1, 1, 5).eq(0)).any().item<bool>());
        Assert.True(output.TextEmbeds.allclose(model.forward(_ids, mask).TextEmbeds, atol: 1e-6));
    }

    [Fact]
    public void BadInputIsRefusedByName()
    {
        using var model = CLIPTextModelWithProjection.FromPretrained(Checkpoint);
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            Assert.Throws<ArgumentException>("input_ids", () => model.forward(_ids + 10));
            Assert.Contains("at most 16", Assert.Throws<ArgumentException>("input_ids", () => model.forward(ones(1, 17, dtype: int64))).Message);
            Assert.Throws<ArgumentException>("attention_mask", () => model.forward(_ids, ones(2, 4)));
            Assert.Throws<ArgumentException>("position_ids", () => model.forward(_ids, position_ids: full([1, 5], 16, dtype: int64)));
        });
        Assert.Throws<ConfigurationException>(() => CLIPTextModelWithProjection.FromPretrained(TestData.Path("checkpoints", "base")));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Checkpoint, "config.json")))!;
        config["num_hidden_layers"] = 3;
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        File.Copy(Path.Combine(Checkpoint, "model.safetensors"), _folder.File("model.safetensors"));
        LiveTensors.AssertUnchanged(() => Assert.Contains(
            "missing: text_model.encoder.layers.2.",
            Assert.Throws<CheckpointException>(() => CLIPTextModelWithProjection.FromPretrained(_folder.Path)).Message));
    }

    [Fact]
    public void ConfigurationsAreCheckedAndRoundTrip()
    {
        var config = CLIPTextConfig.FromPretrained(Checkpoint);
        Assert.Equal((48, 24, ActivationFunction.Gelu), (config.EosTokenId, config.ProjectionDim, config.HiddenAct));
        Assert.Equal(config.ToJson(), CLIPTextConfig.FromJson(config.ToJson()).ToJson());
        Assert.Contains("num_attention_heads", Assert.Throws<ConfigurationException>(() => CLIPTextConfig.FromJson("""{"num_attention_heads": 7}""")).Message);
        Assert.Contains("hidden_act", Assert.Throws<ConfigurationException>(() => CLIPTextConfig.FromJson("""{"hidden_act": "softsign"}""")).Message);
    }
}
