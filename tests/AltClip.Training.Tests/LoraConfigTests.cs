using System.Text.Json.Nodes;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>The fields of peft's <c>LoraConfig</c>: none is passed over unseen.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LoraConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = ModelBuilder.Model(dropout: 0);

    public LoraConfigTests()
    {
        using var adapter = LoraAdapter.Attach(_model, new LoraOptions { Rank = 8, Alpha = 8 });
        using (no_grad())
            foreach (var parameter in adapter.parameters()) parameter.fill_(0.05);
        adapter.SavePretrained(_folder.Path);
    }

    private string ConfigPath => _folder.File("adapter_config.json");

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    // Something is taken out of the base, or it is drawn at random.
    [InlineData("init_lora_weights", "\"pissa_niter_4\"", "path_initial_model_for_weight_conversion")]
    [InlineData("init_lora_weights", "\"corda\"", "path_initial_model_for_weight_conversion")]
    [InlineData("init_lora_weights", "\"lora_ga\"", "path_initial_model_for_weight_conversion")]
    [InlineData("init_lora_weights", "\"loftq\"", "merge_and_unload")]
    [InlineData("init_lora_weights", "\"milora\"", "\"gaussian\"")]
    [InlineData("init_lora_weights", "3", "\"gaussian\"")]
    [InlineData("kasa_config", "{\"beta\":0.0001}", "merge_and_unload")]
    [InlineData("kasa_config", "{}", "merge_and_unload")]
    // More than two small matrices, or others.
    [InlineData("bias", "\"some\"", "\"lora_only\"")]
    [InlineData("bias", "null", "\"none\"")]
    [InlineData("use_dora", "1", "true, false")]
    [InlineData("lora_bias", "\"no\"", "true, false")]
    [InlineData("use_bdlora", "{\"nblocks\":2}", "merge_and_unload")]
    [InlineData("trainable_token_indices", "[3]", "merge_and_unload")]
    [InlineData("trainable_token_indices", "{\"word_embeddings\":[3]}", "merge_and_unload")]
    [InlineData("monteclora_config", "{\"num_samples\":2}", "merge_and_unload")]
    [InlineData("velora_config", "{\"num_groups\":4}", "merge_and_unload")]
    [InlineData("megatron_config", "{\"num_layers\":2}", "merge_and_unload")]
    // Not for this model, or not for one adapter.
    [InlineData("alora_invocation_tokens", "[34]", "null")]
    [InlineData("arrow_config", "{\"top_k\":1}", "null")]
    [InlineData("layer_replication", "[[0,2]]", "null")]
    [InlineData("peft_type", "\"IA3\"", "\"LORA\"")]
    [InlineData("peft_type", "null", "\"LORA\"")]
    // Not known.
    [InlineData("use_lora_of_tomorrow", "true", "null")]
    [InlineData("use_lora_of_tomorrow", "0", "null")]
    [InlineData("use_lora_of_tomorrow", "\"some\"", "null")]
    [InlineData("enable_lora", "[true]", "null")]
    // Of another type, or out of range.
    [InlineData("r", "4.0", "whole number")]
    [InlineData("r", "0", "whole number")]
    [InlineData("r", "\"many\"", "whole number")]
    [InlineData("r", "null", "whole number")]
    [InlineData("lora_alpha", "null", "number")]
    [InlineData("lora_alpha", "\"8\"", "number")]
    [InlineData("lora_alpha", "1e999", "number")]
    [InlineData("lora_dropout", "1", "below 1")]
    [InlineData("lora_dropout", "-0.1", "below 1")]
    [InlineData("use_rslora", "\"yes\"", "true")]
    [InlineData("modules_to_save", "\"text_projection\"", "a list of names")]
    [InlineData("modules_to_save", "[3]", "a list of names")]
    [InlineData("modules_to_save", "[null]", "a list of names")]
    [InlineData("rank_pattern", "[2]", "whole numbers above 0")]
    [InlineData("rank_pattern", "{\"query\":0}", "whole numbers above 0")]
    [InlineData("rank_pattern", "{\"query\":\"2\"}", "whole numbers above 0")]
    [InlineData("rank_pattern", "{\"(query\":2}", "regular expressions")]
    [InlineData("alpha_pattern", "{\"query\":null}", "finite numbers")]
    [InlineData("alpha_pattern", "{\"que++\":2}", "regular expressions")]
    public void WhatChangesTheNumbersIsRefusedByName(string field, string value, string expected)
    {
        Set(field, value);
        var message = Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message;
        Assert.Contains(ConfigPath, message);
        Assert.Contains($"{field} is {value}; expected ", message);
        Assert.Contains(expected, message[message.IndexOf("; expected ", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("init_lora_weights", "true", "false", "null", "\"gaussian\"", "\"orthogonal\"", "\"mica\"", "\"eva\"")]
    [InlineData("use_dora", "false", "null")]
    [InlineData("use_rslora", "false", "null")]
    [InlineData("modules_to_save", "[]", "null")]
    [InlineData("rank_pattern", "{}", "null")]
    [InlineData("alora_invocation_tokens", "null")]
    [InlineData("kasa_config", "null")]
    [InlineData("a_field_of_tomorrow", "null", "false", "[]", "{}", "\"\"")]
    [InlineData("target_modules", "[\"query\"]", "\"all-linear\"", "\".*(query|q_proj)\"", "null")]
    [InlineData("exclude_modules", "[\"key\"]", "\".*key\"")]
    [InlineData("layers_to_transform", "[0]", "1")]
    [InlineData("layers_pattern", "\"layer\"", "[\"layers\"]")]
    [InlineData("target_parameters", "[\"visual_projection.weight\"]")]
    [InlineData("loftq_config", "{\"loftq_bits\":4}", "{}", "null")]
    [InlineData("corda_config", "{\"corda_method\":\"kpm\"}")]
    [InlineData("eva_config", "{\"rho\":2}")]
    [InlineData("lora_ga_config", "{\"direction\":\"ArB2r\"}")]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("use_qalora", "true")]
    [InlineData("qalora_group_size", "16")]
    [InlineData("ensure_weight_tying", "true")]
    [InlineData("megatron_core", "\"megatron.core\"")]
    [InlineData("runtime_config", "{\"ephemeral_gpu_offload\":true}")]
    [InlineData("task_type", "\"FEATURE_EXTRACTION\"")]
    [InlineData("auto_mapping", "{\"base_model_class\":\"AltCLIPModel\"}")]
    [InlineData("peft_version", "\"0.21.2\"")]
    [InlineData("base_model_name_or_path", "\"BAAI/AltCLIP\"")]
    [InlineData("revision", "\"main\"")]
    [InlineData("inference_mode", "false")]
    [InlineData("lora_dropout", "0", "0.5")]
    public void WhatChangesNothingIsPassedOver(string field, params string[] values)
    {
        var expected = Embeddings();
        foreach (var value in values)
        {
            Set(field, value);
            Assert.Equal(expected, Embeddings());
        }
    }

    [Fact]
    public void WhatIsLeftOutIsAsInPeft()
    {
        var expected = Embeddings();
        File.WriteAllText(ConfigPath, """{"peft_type": "LORA"}""");
        Assert.Equal(expected, Embeddings());
    }

    [Theory]
    [InlineData("use_dora")]
    [InlineData("init_lora_weights")]
    public void ABiasOfTheAdapterGoesWithPlainOnesAlone(string other)
    {
        Set("lora_bias", "true");
        Set(other, other == "use_dora" ? "true" : "\"pissa\"");
        var message = Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message;
        Assert.Contains("lora_bias is true; expected false", message);
    }

    [Fact]
    public void AKeyThatDoesNotComeToAnEndIsRefused()
    {
        Set("alpha_pattern", """{"(([a-z._0-9])+)+x!": 3}""");
        var message = Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message;
        Assert.Contains(ConfigPath, message);
        Assert.Contains("alpha_pattern", message);
    }

    [Fact]
    public void EachFieldIsNamedAndALongValueIsCut()
    {
        Set("use_bdlora", "true");
        Set("bias", "\"some\"");
        Set("rank_pattern", $$"""{"{{new string('x', 10_000)}}": "3"}""");
        var message = Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message;
        Assert.Contains("use_bdlora is true", message);
        Assert.Contains("bias is \"some\"", message);
        Assert.Contains("rank_pattern is {\"xxx", message);
        Assert.True(message.Length < 1000, message);
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("null", "object")]
    [InlineData("""{"peft_type": "LORA", "r": 8, "r": 4}""", "r")]
    [InlineData("""{"peft_type": "LORA", "lora_alpha": NaN}""", "JSON")]
    public void WhatIsNoConfigurationIsRefused(string text, string expected)
    {
        File.WriteAllText(ConfigPath, text);
        var message = Assert.Throws<ConfigurationException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message;
        Assert.Contains(ConfigPath, message);
        Assert.Contains(expected, message);
    }

    private void Set(string field, string value)
    {
        var config = JsonNode.Parse(File.ReadAllText(ConfigPath))!;
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(ConfigPath, config.ToJsonString());
    }

    private float[] Embeddings()
    {
        using var scope = NewDisposeScope();
        using var adapter = LoraAdapter.FromPretrained(_model, _folder.Path);
        _model.eval();
        return _model.get_text_features(ModelBuilder.Ids()).data<float>().ToArray();
    }
}
