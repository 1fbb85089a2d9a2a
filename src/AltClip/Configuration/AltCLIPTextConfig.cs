using System.Text.Json.Serialization;
using AltClip.Configuration;
using AltClip.Hub;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>Sizes and settings of the XLM-RoBERTa text encoder. Names and defaults are those of transformers' <c>AltCLIPTextConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record AltCLIPTextConfig : EncoderConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "altclip_text_model";

    /// <summary>transformers' defaults: the sizes of XLM-R large.</summary>
    public AltCLIPTextConfig() : base(Type) =>
        (HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, HiddenAct) = (1024, 4096, 24, 16, ActivationFunction.Gelu);

    /// <summary>Number of token ids, the rows of the word embedding.</summary>
    public int VocabSize { get; init; } = 250002;

    /// <summary>Dropout probability after embeddings and linear layers, in training mode.</summary>
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout probability of the attention weights, in training mode.</summary>
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Rows of the position embedding. Positions start at <see cref="PadTokenId"/> + 1, so that a text may have 512 tokens by default.</summary>
    public int MaxPositionEmbeddings { get; init; } = 514;

    /// <summary>Number of token types.</summary>
    public int TypeVocabSize { get; init; } = 1;

    /// <summary>Kept for transformers; its AltCLIP initialises the text encoder from <see cref="InitializerFactor"/>.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Standard deviation of freshly initialised linear and embedding weights.</summary>
    public double InitializerFactor { get; init; } = 0.02;

    /// <summary>Id of the padding token; positions are counted from it.</summary>
    public int PadTokenId { get; init; } = 1;

    /// <summary>Id of the token that begins a text.</summary>
    public int? BosTokenId { get; init; } = 0;

    /// <summary>Id of the token that ends a text.</summary>
    public int? EosTokenId { get; init; } = 2;

    /// <summary>How positions enter: absolute, relative_key or relative_key_query (Shaw et al., arXiv 1803.02155; Huang et al., arXiv 2009.13658).</summary>
    public string PositionEmbeddingType { get; init; } = "absolute";

    /// <summary>Kept for transformers; no key-value cache is made here.</summary>
    public bool UseCache { get; init; } = true;

    /// <summary>Width of the text embedding before the projection into the shared space.</summary>
    public int ProjectDim { get; init; } = 768;

    /// <summary>Whether a token only attends to those before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDecoder { get; init; }

    /// <summary>Whether each layer also attends to the states of another encoder; needs <see cref="IsDecoder"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AddCrossAttention { get; init; }

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
        ConfigFile.ReadTower(new(folderOrId, revision, hub), Type, full => full.TextConfig, ConfigJson.Of<AltCLIPTextConfig>());

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static AltCLIPTextConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJson.Of<AltCLIPTextConfig>());

    /// <inheritdoc/>
    public override void Validate()
    {
        var check = new ConfigCheck("text_config");
        ValidateEncoder(check);
        check.Positive("vocab_size", VocabSize);
        check.Weights("vocab_size", VocabSize, ("vocab_size", VocabSize), ("hidden_size", HiddenSize));
        check.Weights("max_position_embeddings", MaxPositionEmbeddings, ("max_position_embeddings", MaxPositionEmbeddings), ("directions", 2), ("hidden_size", HiddenSize));
        check.That(MaxPositionEmbeddings <= int.MaxValue / 2, "max_position_embeddings", MaxPositionEmbeddings, $"at most {int.MaxValue / 2}");
        check.Probability("hidden_dropout_prob", HiddenDropoutProb);
        check.Probability("attention_probs_dropout_prob", AttentionProbsDropoutProb);
        check.Positive("type_vocab_size", TypeVocabSize);
        check.NotNegative("initializer_range", InitializerRange);
        check.NotNegative("initializer_factor", InitializerFactor);
        check.Weights("type_vocab_size", TypeVocabSize, ("type_vocab_size", TypeVocabSize), ("hidden_size", HiddenSize));
        check.Positive("project_dim", ProjectDim);
        check.Weights("project_dim", ProjectDim, ("project_dim", ProjectDim), ("hidden_size", HiddenSize));
        check.That(PadTokenId >= 0 && PadTokenId < VocabSize, "pad_token_id", PadTokenId, $"at least 0 and below vocab_size ({VocabSize})");
        check.That(
            MaxPositionEmbeddings - 1 > PadTokenId, "max_position_embeddings", MaxPositionEmbeddings,
            $"above pad_token_id + 1 ({PadTokenId + 1}), where positions start");
        check.That(
            PositionEmbeddingType is "absolute" or "relative_key" or "relative_key_query", "position_embedding_type", PositionEmbeddingType,
            "absolute, relative_key or relative_key_query");
        check.That(!AddCrossAttention || IsDecoder, "add_cross_attention", AddCrossAttention, "false unless is_decoder is true");
    }
}
