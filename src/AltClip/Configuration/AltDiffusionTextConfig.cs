using System.Text.Json.Nodes;
using AltClip.Hub;

namespace AltClip.Configuration;

/// <summary>The configuration of AltDiffusion's text encoder: XLM-R's, and what diffusers' <c>RobertaSeriesConfig</c> has besides.</summary>
public sealed class AltDiffusionTextConfig
{
    /// <summary>The class of diffusers that the encoder has in <c>architectures</c>.</summary>
    public const string Architecture = "RobertaSeriesModelWithTransformation";

    private const string Type = "xlm-roberta";

    // What XLM-R's configuration has in transformers where a file leaves it out, and differs from AltCLIP's; then diffusers' own.
    private static readonly (string Key, JsonNode Value)[] Defaults =
    [
        ("vocab_size", 30522), ("hidden_size", 768), ("num_hidden_layers", 12), ("num_attention_heads", 12), ("intermediate_size", 3072),
        ("max_position_embeddings", 512), ("type_vocab_size", 2), ("layer_norm_eps", 1e-12), ("project_dim", 512),
    ];

    private readonly JsonObject _file;

    private AltDiffusionTextConfig(JsonObject file)
    {
        _file = (JsonObject)file.DeepClone();
        HasPreTransformation = Flag("has_pre_transformation", otherwise: false);
        UsesAttentionMask = Flag("use_attention_mask", otherwise: true);
        var encoder = (JsonObject)file.DeepClone();
        foreach (var (key, value) in Defaults)
            if (!encoder.ContainsKey(key)) encoder[key] = value.DeepClone();
        encoder["model_type"] = AltCLIPTextConfig.Type;
        Encoder = ConfigFile.Deserialize(encoder, ConfigJson.Of<AltCLIPTextConfig>());
    }

    /// <summary>Sizes and settings of XLM-R, and the width <see cref="AltCLIPTextConfig.ProjectDim"/> of what the encoder gives.</summary>
    public AltCLIPTextConfig Encoder { get; }

    /// <summary>Whether the second last layer's states are projected and not the last one's, as in AltDiffusion-m18.</summary>
    public bool HasPreTransformation { get; }

    /// <summary>Whether a pipeline tells the encoder which tokens are padding.</summary>
    public bool UsesAttentionMask { get; }

    /// <summary>Reads the configuration of a text encoder.</summary>
    /// <param name="folderOrId">
    /// A folder with a <c>config.json</c>, or the path of such a file; or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="subfolder">The folder within it that has the file; null for itself.</param>
    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, is of another model, or a value is out of range.</exception>
    public static AltDiffusionTextConfig FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null, string? subfolder = null) =>
        ConfigFile.Read(new(folderOrId, revision, hub, subfolder), root =>
        {
            ConfigFile.CheckType(root, Type);
            return new AltDiffusionTextConfig(root);
        });

    /// <summary>The configuration as JSON that diffusers reads.</summary>
    public string ToJson() => _file.ToJsonString(ConfigJson.Options);

    private bool Flag(string key, bool otherwise) => _file[key] switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var other => throw new ConfigurationException($"{key} is {other.ToJsonString()}; expected true or false."),
    };
}
