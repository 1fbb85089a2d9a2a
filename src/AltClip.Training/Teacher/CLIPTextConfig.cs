using AltClip.Configuration;
using AltClip.Hub;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Training.Teacher;

/// <summary>Sizes and settings of CLIP's text encoder. Names and defaults are those of transformers' <c>CLIPTextConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record CLIPTextConfig : CLIPEncoderConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "clip_text_model";

    /// <summary>The <c>model_type</c> of a full CLIP model, whose <c>text_config</c> this is.</summary>
    internal const string FullType = "clip";

    /// <summary>The <see cref="EosTokenId"/> of files from before transformers 4.31, which no tokenizer has.</summary>
    internal const int LegacyEosTokenId = 2;

    /// <summary>transformers' defaults: the sizes of CLIP ViT-B/32's text encoder.</summary>
    public CLIPTextConfig() : base(Type) => (HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads) = (512, 2048, 12, 8);

    /// <summary>Number of token ids, the rows of the token embedding.</summary>
    public int VocabSize { get; init; } = 49408;

    /// <summary>Width of the projected text embedding; an AltCLIP student's <see cref="AltCLIPTextConfig.ProjectDim"/> is the same.</summary>
    public int ProjectionDim { get; init; } = 512;

    /// <summary>The most tokens of a text, the rows of the position embedding.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary>
    /// The token whose state is the text's embedding, at its first place. Where it is 2, as in files from before transformers 4.31, it is
    /// the token of the highest id instead, which in CLIP's vocabulary is the end token.
    /// </summary>
    public int EosTokenId { get; init; } = 49407;

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
        CLIPTextConfigFile.Read(new(folderOrId, revision, hub));

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static CLIPTextConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJson.Of<CLIPTextConfig>());

    /// <inheritdoc/>
    public override void Validate()
    {
        var check = new ConfigCheck("text_config");
        ValidateClipEncoder(check);
        check.Positive("vocab_size", VocabSize);
        check.Positive("projection_dim", ProjectionDim);
        check.Positive("max_position_embeddings", MaxPositionEmbeddings);
        check.Weights("vocab_size", VocabSize, ("vocab_size", VocabSize), ("hidden_size", HiddenSize));
        check.Weights("projection_dim", ProjectionDim, ("projection_dim", ProjectionDim), ("hidden_size", HiddenSize));
        check.Weights("max_position_embeddings", MaxPositionEmbeddings, ("max_position_embeddings", MaxPositionEmbeddings), ("hidden_size", HiddenSize));
    }
}
