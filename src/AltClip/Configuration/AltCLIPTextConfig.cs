using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>Sizes and settings of the XLM-RoBERTa text encoder. Names and defaults are those of transformers' <c>AltCLIPTextConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record AltCLIPTextConfig : IModelConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "altclip_text_model";

    /// <summary>Always <see cref="Type"/> in a file of the text encoder alone.</summary>
    public string ModelType { get; set; } = Type;

    /// <summary>Number of token ids, the rows of the word embedding.</summary>
    public int VocabSize { get; set; } = 250002;

    /// <summary>Width of the encoder.</summary>
    public int HiddenSize { get; set; } = 1024;

    /// <summary>Number of transformer layers.</summary>
    public int NumHiddenLayers { get; set; } = 24;

    /// <summary>Attention heads of each layer; must divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; set; } = 16;

    /// <summary>Width of the feed-forward part of a layer.</summary>
    public int IntermediateSize { get; set; } = 4096;

    /// <summary>Activation of the feed-forward part: gelu, relu, selu, silu, gelu_new, quick_gelu or gelu_pytorch_tanh.</summary>
    public string HiddenAct { get; set; } = "gelu";

    /// <summary>Dropout probability after embeddings and linear layers, in training mode.</summary>
    public double HiddenDropoutProb { get; set; } = 0.1;

    /// <summary>Dropout probability of the attention weights, in training mode.</summary>
    public double AttentionProbsDropoutProb { get; set; } = 0.1;

    /// <summary>Rows of the position embedding. Positions start at <see cref="PadTokenId"/> + 1, so that a text may have 512 tokens by default.</summary>
    public int MaxPositionEmbeddings { get; set; } = 514;

    /// <summary>Number of token types.</summary>
    public int TypeVocabSize { get; set; } = 1;

    /// <summary>Kept for transformers; its AltCLIP initialises the text encoder from <see cref="InitializerFactor"/>.</summary>
    public double InitializerRange { get; set; } = 0.02;

    /// <summary>Standard deviation of freshly initialised linear and embedding weights.</summary>
    public double InitializerFactor { get; set; } = 0.02;

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; set; } = 1e-5;

    /// <summary>Id of the padding token; positions are counted from it.</summary>
    public int PadTokenId { get; set; } = 1;

    /// <summary>Id of the token that begins a text.</summary>
    public int? BosTokenId { get; set; } = 0;

    /// <summary>Id of the token that ends a text.</summary>
    public int? EosTokenId { get; set; } = 2;

    /// <summary>How positions enter: absolute, relative_key or relative_key_query (Shaw et al., arXiv 1803.02155; Huang et al., arXiv 2009.13658).</summary>
    public string PositionEmbeddingType { get; set; } = "absolute";

    /// <summary>Kept for transformers; no key-value cache is made here.</summary>
    public bool UseCache { get; set; } = true;

    /// <summary>Width of the text embedding before the projection into the shared space.</summary>
    public int ProjectDim { get; set; } = 768;

    /// <summary>Whether a token only attends to those before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDecoder { get; set; }

    /// <summary>Whether each layer also attends to the states of another encoder; needs <see cref="IsDecoder"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AddCrossAttention { get; set; }

    /// <summary>Whether calls return the attention weights when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputAttentions { get; set; }

    /// <summary>Whether calls return the hidden states of all layers when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputHiddenStates { get; set; }

    /// <summary>Keys of the file that have no property here, kept as they were.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? AdditionalProperties { get; set; }

    /// <summary>Reads the text configuration of a model: of a text checkpoint, or the text part of a full one.</summary>
    /// <param name="folderOrId">
    /// A folder with a <c>config.json</c>, or the path of such a file; or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, or a value is out of range.</exception>
    public static AltCLIPTextConfig FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null) =>
        ConfigFile.ReadTower(new(folderOrId, revision, hub), Type, full => full.TextConfig, ConfigJsonContext.Default.AltCLIPTextConfig);

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static AltCLIPTextConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJsonContext.Default.AltCLIPTextConfig);

    /// <summary>The configuration as JSON that transformers reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigJsonContext.Default.AltCLIPTextConfig);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        var check = new ConfigCheck("text_config");
        check.Positive("vocab_size", VocabSize);
        check.Positive("hidden_size", HiddenSize);
        check.Positive("num_hidden_layers", NumHiddenLayers);
        check.Heads(HiddenSize, NumAttentionHeads);
        check.Positive("intermediate_size", IntermediateSize);
        check.Activation(HiddenAct);
        check.Probability("hidden_dropout_prob", HiddenDropoutProb);
        check.Probability("attention_probs_dropout_prob", AttentionProbsDropoutProb);
        check.Positive("type_vocab_size", TypeVocabSize);
        check.NotNegative("initializer_range", InitializerRange);
        check.NotNegative("initializer_factor", InitializerFactor);
        check.NotNegative("layer_norm_eps", LayerNormEps);
        check.Positive("project_dim", ProjectDim);
        check.That(PadTokenId >= 0 && PadTokenId < VocabSize, "pad_token_id", PadTokenId, $"at least 0 and below vocab_size ({VocabSize})");
        check.That(
            MaxPositionEmbeddings > PadTokenId + 1, "max_position_embeddings", MaxPositionEmbeddings,
            $"above pad_token_id + 1 ({PadTokenId + 1}), where positions start");
        check.That(
            PositionEmbeddingType is "absolute" or "relative_key" or "relative_key_query", "position_embedding_type", PositionEmbeddingType,
            "absolute, relative_key or relative_key_query");
        check.That(!AddCrossAttention || IsDecoder, "add_cross_attention", AddCrossAttention, "false unless is_decoder is true");
    }
}
