using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>Sizes and settings of the ViT image encoder. Names and defaults are those of transformers' <c>AltCLIPVisionConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record AltCLIPVisionConfig : IModelConfig, ICLIPEncoderConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "altclip_vision_model";

    /// <summary>Always <see cref="Type"/> in a file of the image encoder alone.</summary>
    public string ModelType { get; set; } = Type;

    /// <summary>Width of the encoder.</summary>
    public int HiddenSize { get; set; } = 768;

    /// <summary>Width of the feed-forward part of a layer.</summary>
    public int IntermediateSize { get; set; } = 3072;

    /// <summary>Kept for transformers; the shared space's width is <see cref="AltCLIPConfig.ProjectionDim"/>.</summary>
    public int ProjectionDim { get; set; } = 512;

    /// <summary>Number of transformer layers.</summary>
    public int NumHiddenLayers { get; set; } = 12;

    /// <summary>Attention heads of each layer; must divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; set; } = 12;

    /// <summary>Channels of a picture.</summary>
    public int NumChannels { get; set; } = 3;

    /// <summary>Height and width of a picture in pixels. What is left over beyond a multiple of <see cref="PatchSize"/> is cut.</summary>
    public int ImageSize { get; set; } = 224;

    /// <summary>Height and width of a patch in pixels.</summary>
    public int PatchSize { get; set; } = 32;

    /// <summary>Activation of the feed-forward part: gelu, relu, selu, silu, gelu_new, quick_gelu or gelu_pytorch_tanh.</summary>
    public string HiddenAct { get; set; } = "quick_gelu";

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; set; } = 1e-5;

    /// <summary>Dropout probability of the attention weights, in training mode.</summary>
    public double AttentionDropout { get; set; }

    /// <summary>Standard deviation of freshly initialised patch and position embeddings, times the initializer factor.</summary>
    public double InitializerRange { get; set; } = 0.02;

    /// <summary>
    /// Factor on the standard deviation of all freshly initialised weights of <see cref="AltCLIPVisionModel"/>. In a full model transformers
    /// uses <see cref="AltCLIPConfig.InitializerFactor"/> instead, and so does this library.
    /// </summary>
    public double InitializerFactor { get; set; } = 1.0;

    /// <summary>Whether calls return the attention weights when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputAttentions { get; set; }

    /// <summary>Whether calls return the hidden states of all layers when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputHiddenStates { get; set; }

    /// <summary>Keys of the file that have no property here, kept as they were.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? AdditionalProperties { get; set; }

    /// <summary>Number of patches of a picture of <see cref="ImageSize"/>.</summary>
    [JsonIgnore]
    public int NumPatches => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>Reads the image configuration of a model: of an image checkpoint, or the image part of a full one.</summary>
    /// <param name="folderOrId">
    /// A folder with a <c>config.json</c>, or the path of such a file; or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, or a value is out of range.</exception>
    public static AltCLIPVisionConfig FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null) =>
        ConfigFile.ReadTower(new(folderOrId, revision, hub), Type, full => full.VisionConfig, ConfigJsonContext.Default.AltCLIPVisionConfig);

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static AltCLIPVisionConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJsonContext.Default.AltCLIPVisionConfig);

    /// <summary>The configuration as JSON that transformers reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigJsonContext.Default.AltCLIPVisionConfig);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        var check = new ConfigCheck("vision_config");
        check.Positive("hidden_size", HiddenSize);
        check.Positive("intermediate_size", IntermediateSize);
        check.Positive("projection_dim", ProjectionDim);
        check.Positive("num_hidden_layers", NumHiddenLayers);
        check.Heads(HiddenSize, NumAttentionHeads);
        check.Positive("num_channels", NumChannels);
        check.Positive("image_size", ImageSize);
        check.Positive("patch_size", PatchSize);
        check.That(PatchSize <= ImageSize, "patch_size", PatchSize, $"at most image_size ({ImageSize})");
        check.Activation(HiddenAct);
        check.NotNegative("layer_norm_eps", LayerNormEps);
        check.Probability("attention_dropout", AttentionDropout);
        check.NotNegative("initializer_range", InitializerRange);
        check.NotNegative("initializer_factor", InitializerFactor);
    }
}
