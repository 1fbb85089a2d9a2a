using System.Text.Json.Serialization;
using AltClip.Configuration;
using AltClip.Hub;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>Sizes and settings of the ViT image encoder. Names and defaults are those of transformers' <c>AltCLIPVisionConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record AltCLIPVisionConfig : CLIPEncoderConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "altclip_vision_model";

    /// <summary>transformers' defaults: the sizes of ViT-B/32.</summary>
    public AltCLIPVisionConfig() : base(Type) => (HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads) = (768, 3072, 12, 12);

    /// <summary>Kept for transformers; the shared space's width is <see cref="AltCLIPConfig.ProjectionDim"/>.</summary>
    public int ProjectionDim { get; init; } = 512;

    /// <summary>Channels of a picture.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>Height and width of a picture in pixels. What is left over beyond a multiple of <see cref="PatchSize"/> is cut.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Height and width of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Standard deviation of freshly initialised patch and position embeddings, times the initializer factor.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>
    /// Factor on the standard deviation of all freshly initialised weights of <see cref="AltCLIPVisionModel"/>. In a full model transformers
    /// uses <see cref="AltCLIPConfig.InitializerFactor"/> instead, and so does this library.
    /// </summary>
    public double InitializerFactor { get; init; } = 1.0;

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
        ConfigFile.ReadTower(new(folderOrId, revision, hub), Type, full => full.VisionConfig, ConfigJson.Of<AltCLIPVisionConfig>());

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static AltCLIPVisionConfig FromJson(string json) => ConfigFile.Parse(json, ConfigJson.Of<AltCLIPVisionConfig>());

    /// <inheritdoc/>
    public override void Validate()
    {
        var check = new ConfigCheck("vision_config");
        ValidateClipEncoder(check);
        check.Positive("projection_dim", ProjectionDim);
        check.Positive("num_channels", NumChannels);
        check.Positive("image_size", ImageSize);
        check.Positive("patch_size", PatchSize);
        check.That(PatchSize <= ImageSize, "patch_size", PatchSize, $"at most image_size ({ImageSize})");
        check.Weights("patch_size", PatchSize, ("patch_size", PatchSize), ("patch_size", PatchSize), ("num_channels", NumChannels), ("hidden_size", HiddenSize));
        long edge = ImageSize / PatchSize;
        check.That(edge * edge < int.MaxValue, "image_size", ImageSize, "fewer than 2^31 patches");
        check.Weights("image_size", ImageSize, ("patches", edge * edge), ("hidden_size", HiddenSize));
        check.NotNegative("initializer_range", InitializerRange);
        check.NotNegative("initializer_factor", InitializerFactor);
    }
}
