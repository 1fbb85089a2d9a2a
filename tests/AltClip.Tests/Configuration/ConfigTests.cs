using System.Text.Json.Nodes;
using AltClip.Configuration;
using Xunit;

namespace AltClip.Tests;

public sealed class ConfigTests
{
    [Fact]
    public void DefaultsAreTransformers()
    {
        var config = new AltCLIPConfig();
        Assert.Equal((768, 2.6592, 1.0), (config.ProjectionDim, config.LogitScaleInitValue, config.InitializerFactor));
        var text = config.TextConfig;
        Assert.Equal(
            (250002, 1024, 24, 16, 4096, ActivationFunction.Gelu, 0.1, 0.1, 514, 1),
            (text.VocabSize, text.HiddenSize, text.NumHiddenLayers, text.NumAttentionHeads, text.IntermediateSize, text.HiddenAct,
                text.HiddenDropoutProb, text.AttentionProbsDropoutProb, text.MaxPositionEmbeddings, text.TypeVocabSize));
        Assert.Equal(
            (0.02, 0.02, 1e-5, 1, 0, 2, "absolute", true, 768),
            (text.InitializerRange, text.InitializerFactor, text.LayerNormEps, text.PadTokenId, text.BosTokenId, text.EosTokenId,
                text.PositionEmbeddingType, text.UseCache, text.ProjectDim));
        var vision = config.VisionConfig;
        Assert.Equal(
            (768, 3072, 512, 12, 12, 3, 224, 32, ActivationFunction.QuickGelu, 1e-5, 0.0, 0.02, 1.0),
            (vision.HiddenSize, vision.IntermediateSize, vision.ProjectionDim, vision.NumHiddenLayers, vision.NumAttentionHeads,
                vision.NumChannels, vision.ImageSize, vision.PatchSize, vision.HiddenAct, vision.LayerNormEps, vision.AttentionDropout,
                vision.InitializerRange, vision.InitializerFactor));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("base-v5")]
    [InlineData("relative-key-query")]
    [InlineData("cross")]
    public void WritesWhatItRead(string checkpoint)
    {
        var path = TestData.Path("checkpoints", checkpoint, "config.json");
        var read = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        var written = JsonNode.Parse(AltCLIPConfig.FromPretrained(path).ToJson())!.AsObject();
        AssertHolds(read, written, "config");
    }

    [Fact]
    public void UnknownKeysAreKept()
    {
        var config = AltCLIPConfig.FromJson("""{ "my_key": [1, {"a": null}], "text_config": { "prompt": "hello" } }""");
        var written = JsonNode.Parse(config.ToJson())!;
        Assert.Equal("""[1,{"a":null}]""", written["my_key"]!.ToJsonString());
        Assert.Equal("hello", (string)written["text_config"]!["prompt"]!);
    }

    [Fact]
    public void OlderDictionariesOverride()
    {
        var config = AltCLIPConfig.FromJson(
            """
            { "text_config": { "hidden_size": 32, "num_attention_heads": 4, "other": 7 }, "text_config_dict": { "hidden_size": 64 },
              "vision_config": null, "vision_config_dict": { "patch_size": 14 } }
            """);
        Assert.Equal((64, 16), (config.TextConfig.HiddenSize, config.TextConfig.NumAttentionHeads));
        Assert.Equal(7, config.TextConfig.AdditionalProperties!["other"].GetInt32());
        Assert.Equal(14, config.VisionConfig.PatchSize);
        Assert.DoesNotContain("_dict", config.ToJson());
    }

    [Fact]
    public void NullPartsAreDefaults()
    {
        var config = AltCLIPConfig.FromJson("""{ "text_config": null, "vision_config_dict": null }""");
        Assert.Equal(new AltCLIPTextConfig().HiddenSize, config.TextConfig.HiddenSize);
    }

    [Fact]
    public void NullsOfFlagsAreFalse() =>
        Assert.False(AltCLIPConfig.FromJson("""{ "output_attentions": null, "text_config": { "is_decoder": null } }""").TextConfig.IsDecoder);

    [Fact]
    public void JoinsTextAndVision()
    {
        var config = AltCLIPConfig.FromTextVisionConfigs(new AltCLIPTextConfig { HiddenSize = 32 }, new AltCLIPVisionConfig { PatchSize = 16 }, 20);
        Assert.Equal((32, 16, 20), (config.TextConfig.HiddenSize, config.VisionConfig.PatchSize, config.ProjectionDim));
    }

    [Fact]
    public void TowersReadTheirPartOfAFullModel()
    {
        var folder = TestData.Path("checkpoints", "base");
        Assert.Equal(40, AltCLIPTextConfig.FromPretrained(folder).MaxPositionEmbeddings);
        Assert.Equal(30, AltCLIPVisionConfig.FromPretrained(folder).ImageSize);
        Assert.Equal(40, AltCLIPTextConfig.FromPretrained(TestData.Path("checkpoints", "base-text")).MaxPositionEmbeddings);
    }

    [Fact]
    public void ImageNeedNotBeAMultipleOfThePatch() => Assert.Equal(25, new AltCLIPVisionConfig { ImageSize = 33, PatchSize = 6 }.NumPatches);

    [Theory]
    [InlineData("text_config", "num_attention_heads", "3", "divisor of hidden_size (1024)")]
    [InlineData("text_config", "hidden_act", "\"softplus\"", "quick_gelu")]
    [InlineData("text_config", "hidden_size", "-8", "positive")]
    [InlineData("text_config", "num_hidden_layers", "0", "positive")]
    [InlineData("text_config", "hidden_dropout_prob", "1.5", "probability")]
    [InlineData("text_config", "layer_norm_eps", "-1e-5", "at least 0")]
    [InlineData("text_config", "pad_token_id", "300000", "vocab_size")]
    [InlineData("text_config", "max_position_embeddings", "2", "positions start")]
    [InlineData("text_config", "position_embedding_type", "\"rotary\"", "relative_key_query")]
    [InlineData("text_config", "add_cross_attention", "true", "is_decoder")]
    [InlineData("vision_config", "num_attention_heads", "5", "divisor of hidden_size (768)")]
    [InlineData("vision_config", "image_size", "-224", "positive")]
    [InlineData("vision_config", "patch_size", "500", "image_size")]
    [InlineData("vision_config", "num_channels", "0", "positive")]
    [InlineData("text_config", "vocab_size", "2000000000", "vocab_size 2000000000")]
    [InlineData("vision_config", "hidden_act", "null", "gelu")]
    public void BadValuesAreRefusedByName(string section, string key, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => AltCLIPConfig.FromJson($$"""{ "{{section}}": { "{{key}}": {{value}} } }"""));
        Assert.Contains($"{section}.{key}", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("vision_config", "num_channels", "num_channels 2000000000")]
    [InlineData("vision_config", "image_size", "image_size")]
    [InlineData("text_config", "max_position_embeddings", "max_position_embeddings 2000000000")]
    public void OfSizesThatAreTooGreatTogetherAllAreNamed(string section, string key, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => AltCLIPConfig.FromJson($$"""{ "{{section}}": { "{{key}}": 2000000000 } }"""));
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{ "projection_dim": "many" }""", "projection_dim")]
    [InlineData("""{ "model_type": "clip" }""", "model_type is clip")]
    [InlineData("""{ "text_config": 5 }""", "text_config is 5; expected an object")]
    [InlineData("""{ "vision_config": [] }""", "vision_config is []; expected an object")]
    [InlineData("""{ "text_config_dict": 7 }""", "text_config_dict is 7; expected an object")]
    [InlineData("""{ "quantization_config": { "quant_method": "gptq" } }""", "gptq")]
    [InlineData("""{ "projection_dim": 8.5 }""", "projection_dim")]
    [InlineData("""{ "logit_scale_init_value": NaN }""", "logit_scale_init_value")]
    [InlineData("""{ "text_config": { "hidden_size": 8 }, "text_config_dict": {} }""", "text_config_dict has no hidden_size")]
    [InlineData("""{ "model_type": "clip", "text_config": { "model_type": "bert" } }""", "text_config.model_type bert")]
    [InlineData("""{ "text_config": { "pad_token_id": null } }""", "text_config.pad_token_id has")]
    [InlineData("""{ "text_config": { "pad_token_id": 1 }, "text_config_dict": { "pad_token_id": null } }""", "text_config_dict.pad_token_id has")]
    [InlineData("""{ "text_config_dict": {}, "text_config": { "pad_token_id": null }, "vision_config": { "patch_size": 0 } }""", "vision_config.patch_size is 0")]
    [InlineData("""{ "vision_config_dict": { "patch_size": 0 } }""", "vision_config_dict.patch_size is 0")]
    [InlineData("""{ "model_type": "clip", "text_config_dict": { "model_type": "xlm-roberta", "vocab_size": "all" } }""", "text_config_dict.vocab_size has")]
    [InlineData("""{ "model_type": "clip", "text_config_dict": { "model_type": "bert" } }""", "text_config_dict.model_type bert")]
    public void BadTextIsRefused(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => AltCLIPConfig.FromJson(json)).Message);

    [Fact]
    public void WhatPythonTakesForJsonIsRead()
    {
        var config = AltCLIPConfig.FromJson(
            """
            { "projection_dim": 1, "projection_dim": 8.0, "unknown": [NaN, -Infinity, Infinity], "text \\"NaN": "NaN \\ud83d\\ude00 \\ud83d",
              "text_config": { "eos_token_id": [5, 6], "hidden_act": "swish" }, "vision_config": { "attention_dropout": null } }
            """.Replace("\\\\", "\\"));
        Assert.Equal((8, 5, ActivationFunction.Silu), (config.ProjectionDim, config.TextConfig.EosTokenId, config.TextConfig.HiddenAct));
        Assert.Equal("[null,null,null]", config.AdditionalProperties!["unknown"].GetRawText().ReplaceLineEndings("").Replace(" ", ""));
        Assert.Equal("NaN \U0001F600 \uFFFD", config.AdditionalProperties["text \"NaN"].GetString());
        Assert.Equal(config.ToJson(), AltCLIPConfig.FromJson(config.ToJson()).ToJson());
    }

    [Fact]
    public void MissingFilesAreNamed()
    {
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => AltCLIPConfig.FromPretrained("nowhere")).Message);
        using var folder = new TemporaryFolder();
        Assert.Contains("config.json", Assert.Throws<FileNotFoundException>(() => AltCLIPConfig.FromPretrained(folder.Path)).Message);
    }

    [Fact]
    public void AnotherTowersFileIsRefused()
    {
        var error = Assert.Throws<ConfigurationException>(() => AltCLIPTextConfig.FromPretrained(TestData.Path("checkpoints", "base-vision")));
        Assert.Contains("altclip_vision_model", error.Message);
    }

    private static void AssertHolds(JsonObject read, JsonObject written, string path)
    {
        foreach (var (key, value) in read)
        {
            Assert.True(written.ContainsKey(key), $"{path}.{key} was lost");
            if (value is JsonObject inner) AssertHolds(inner, written[key]!.AsObject(), $"{path}.{key}");
            else Assert.True(JsonNode.DeepEquals(value, written[key]), $"{path}.{key}: {value} became {written[key]}");
        }
    }
}
