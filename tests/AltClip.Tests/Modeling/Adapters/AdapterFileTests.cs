using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Files of peft's with something changed: each tensor fits the model and the configuration, or is named.</summary>
[Collection(nameof(ProcessWide))]
public sealed class AdapterFileTests : IDisposable
{
    private const string Query = "base_model.model.text_model.roberta.encoder.layer.0.attention.self.query";

    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("plain", "r", "2147483647", $"{Query}.lora_A.weight has shape [4, 32]; expected [2147483647, 32]")]
    [InlineData("embedding", "r", "2147483647", "word_embeddings.lora_embedding_A has shape [4, 99]; expected [2147483647, 99]")]
    [InlineData("conv", "r", "5", "patch_embedding.lora_A.weight has shape [4, 3, 6, 6]; expected [5, 3, 6, 6]")]
    [InlineData("plain", "rank_pattern", """{"query": 5}""", $"{Query}.lora_A.weight has shape [4, 32]; expected [5, 32]")]
    [InlineData("plain", "use_dora", "true", $"missing: {Query}.lora_magnitude_vector")]
    [InlineData("plain", "lora_bias", "true", $"missing: {Query}.lora_B.bias")]
    [InlineData("embedding", "lora_bias", "true", "lora_bias is true, but text_model.roberta.embeddings.word_embeddings has no bias")]
    [InlineData("conv", "init_lora_weights", "\"olora\"", "init_lora_weights is olora, which peft has only for linear layers")]
    [InlineData("plain", "modules_to_save", """["text_projection"]""", "missing: base_model.model.text_projection.weight, of modules_to_save")]
    [InlineData("modules-to-save-tower", "modules_to_save", """["encoder.layer.2"]""", "missing: base_model.model.text_model.roberta.encoder.layer.2.")]
    public void ASettingThatTheTensorsDoNotFitIsRefused(string adapter, string field, string value, string expected)
    {
        Copy(adapter);
        Set(field, value);
        var before = LiveTensors.Count();
        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message);
        Assert.Equal(before, LiveTensors.Count());
    }

    [Theory]
    [InlineData($"{Query}.lora_A.weight", null, $"missing: {Query}.lora_A.weight")]
    [InlineData($"{Query}.lora_B.weight", "text_model.roberta.lora_B.weight", "unexpected: text_model.roberta.lora_B.weight")]
    [InlineData($"{Query}.lora_B.weight", $"{Query}.lora_C.weight", $"unexpected: {Query}.lora_C.weight")]
    [InlineData($"{Query}.lora_B.weight", "base_model.model.text_model.pre_LN.lora_B.weight", "unexpected: base_model.model.text_model.pre_LN.lora_B.weight")]
    [InlineData($"{Query}.lora_A.weight", $"{Query}.weight", $"unexpected: {Query}.weight")]
    [InlineData($"{Query}.lora_A.weight", $"{Query}.base_layer.weight", "base_layer.weight has shape [4, 32]; expected [32, 32]")]
    [InlineData($"{Query}.lora_A.weight", "base_model.model.nothing.weight", "unexpected: base_model.model.nothing.weight")]
    [InlineData($"{Query}.lora_A.weight", "base_model.model.text_model.roberta.encoder.layers.0.attention.self.query.lora_A.weight", "which has an adapter under another name too")]
    public void ATensorThatFitsNothingIsRefused(string name, string? renamed, string expected)
    {
        Copy("plain");
        Rename(name, renamed);
        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message);
    }

    [Theory]
    [InlineData("dora", "use_dora", "false")]
    [InlineData("lora-bias", "lora_bias", "false")]
    public void WhatTheSettingsDoNotAskForIsPassedOverAsInPeft(string adapter, string field, string value)
    {
        Copy(adapter);
        Set(field, value);
        using var loaded = LoraAdapter.FromPretrained(_model, _folder.Path);
        Assert.DoesNotContain(loaded.named_parameters(), p => p.name.EndsWith("lora_magnitude_vector", StringComparison.Ordinal) || p.name.EndsWith("lora_B.bias", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatReplacesTensorsGoesBackWithTheAdapter()
    {
        using var scope = NewDisposeScope();
        var before = _model.parameters().Select(parameter => parameter.clone()).ToList();
        foreach (var name in (string[])["bias-all", "modules-to-save-tower", "pissa", "olora", "lora-bias", "dora-conv-embedding"])
        {
            using (var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", name)))
            {
                adapter.Merge();
                Assert.Contains(_model.parameters().Zip(before), pair => !pair.First.equal(pair.Second).all().item<bool>());
            }
            Assert.All(_model.parameters().Zip(before), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>(), name));
        }
    }

    [Fact]
    public void ItMayBeMoved() => LiveTensors.AssertUnchanged(() =>
    {
        using var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", "dora-conv-embedding"));
        var before = adapter.layers.Select(Change).ToList();
        adapter.to(float64);
        Assert.All(adapter.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        adapter.to(float32);
        adapter.to(float32);
        Assert.Equal(before, adapter.layers.Select(Change));

        static float Change(LoraLayer layer)
        {
            using var scope = NewDisposeScope();
            return layer.Change().abs().sum().item<float>();
        }
    });

    private void Copy(string adapter)
    {
        foreach (var file in Directory.GetFiles(TestData.Path("adapters", adapter))) File.Copy(file, _folder.File(Path.GetFileName(file)));
    }

    private void Set(string field, string value)
    {
        var path = _folder.File("adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
    }

    private void Rename(string name, string? renamed)
    {
        var path = _folder.File("adapter_model.safetensors");
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafeTensors.Open(path)) tensors = file.Names.ToDictionary(name => name, name => file[name].clone());
        if (renamed is not null) tensors[renamed] = tensors[name];
        tensors.Remove(name);
        SafeTensors.Save(path, tensors);
    }
}
