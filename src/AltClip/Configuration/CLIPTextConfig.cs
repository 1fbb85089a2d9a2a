using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>Sizes and settings of CLIP's text encoder. Names and defaults are those of transformers' <c>CLIPTextConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record CLIPTextConfig : IModelConfig, ICLIPEncoderConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "clip_text_model";

    /// <summary>The <c>model_type</c> of a full CLIP model, whose <c>text_config</c> this is.</summary>
    internal const string FullType = "clip";

    /// <summary>The <see cref="EosTokenId"/> of files from before transformers 4.31, which no tokenizer has.</summary>
    internal const int LegacyEosTokenId = 2;

    /// <summary>Always <see cref="Type"/> in a file of the text encoder alone.</summary>
    public string ModelType { get; set; } = Type;

    /// <summary>Number of token ids, the rows of the token embedding.</summary>
    public int VocabSize { get; set; } = 49408;

    /// <summary>Width of the encoder.</summary>
    public int HiddenSize { get; set; } = 512;

    /// <summary>Width of the feed-forward part of a layer.</summary>
    public int IntermediateSize { get; set; } = 2048;

    /// <summary>Width of the projected text embedding; an AltCLIP student's <see cref="AltCLIPTextConfig.ProjectDim"/> is the same.</summary>
    public int ProjectionDim { get; set; } = 512;

    /// <summary>Number of transformer layers.</summary>
    public int NumHiddenLayers { get; set; } = 12;

    /// <summary>Attention heads of each layer; must divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; set; } = 8;

    /// <summary>The most tokens of a text, the rows of the position embedding.</summary>
    public int MaxPositionEmbeddings { get; set; } = 77;

    /// <summary>Activation of the feed-forward part: gelu, relu, selu, silu, gelu_new, quick_gelu or gelu_pytorch_tanh.</summary>
    public string HiddenAct { get; set; } = "quick_gelu";

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; set; } = 1e-5;

    /// <summary>Dropout probability of the attention weights, in training mode.</summary>
    public double AttentionDropout { get; set; }

    /// <summary>
    /// The token whose state is the text's embedding, at its first place. Where it is 2, as in files from before transformers 4.31, it is
    /// the token of the highest id instead, which in CLIP's vocabulary is the end token.
    /// </summary>
    public int EosTokenId { get; set; } = 49407;

    /// <summary>Whether calls return the attention weights when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputAttentions { get; set; }

    /// <summary>Whether calls return the hidden states of all layers when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputHiddenStates { get; set; }

    /// <summary>Keys of the file that have no property here, kept as they were.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? AdditionalProperties { get; set; }

    /// <summary>
    /// Reads the configuration of a model: of a text checkpoint, or the text part of a full CLIP model, with that model's
    /// <c>projection_dim</c>.
    /// </summary>
    /// <param name="folderOrId">
    /// A folder with a <c>config.json</c>, or the path of such a file; or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, or a value is out of range.</exception>
    public static CLIPTextConfig FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null) =>
        ConfigFile.ReadClipText(new(folderOrId, revision, hub));

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static CLIPTextConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJsonContext.Default.CLIPTextConfig);

    /// <summary>The configuration as JSON that transformers reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigJsonContext.Default.CLIPTextConfig);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        var check = new ConfigCheck("text_config");
        check.Positive("vocab_size", VocabSize);
        check.Positive("hidden_size", HiddenSize);
        check.Positive("intermediate_size", IntermediateSize);
        check.Positive("projection_dim", ProjectionDim);
        check.Positive("num_hidden_layers", NumHiddenLayers);
        check.Heads(HiddenSize, NumAttentionHeads);
        check.Positive("max_position_embeddings", MaxPositionEmbeddings);
        check.Activation(HiddenAct);
        check.NotNegative("layer_norm_eps", LayerNormEps);
        check.Probability("attention_dropout", AttentionDropout);
    }
}
