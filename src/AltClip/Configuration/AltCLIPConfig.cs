using AltClip.Configuration;
using AltClip.Hub;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip;

/// <summary>The configuration of a whole AltCLIP model. Names and defaults are those of transformers' <c>AltCLIPConfig</c>.</summary>
[TypeFormatterSource(typeof(ConfigurationTree))]
public sealed record AltCLIPConfig : PretrainedConfig
{
    /// <summary>The <c>model_type</c> that transformers writes for this configuration.</summary>
    public const string Type = "altclip";

    /// <summary>transformers' defaults: a text encoder of XLM-R large, an image encoder of ViT-B/32.</summary>
    public AltCLIPConfig() : base(Type)
    {
    }

    /// <summary>The text encoder's configuration.</summary>
    public AltCLIPTextConfig TextConfig { get; init; } = new();

    /// <summary>The image encoder's configuration.</summary>
    public AltCLIPVisionConfig VisionConfig { get; init; } = new();

    /// <summary>Width of the space that text and image embeddings share.</summary>
    public int ProjectionDim { get; init; } = 768;

    /// <summary>Natural logarithm of the initial factor on the similarities.</summary>
    public double LogitScaleInitValue { get; init; } = 2.6592;

    /// <summary>Factor on the standard deviation of the freshly initialised weights of the projections and of the image encoder.</summary>
    public double InitializerFactor { get; init; } = 1.0;

    /// <summary>Joins the configurations of the two encoders.</summary>
    /// <param name="textConfig">The text encoder's configuration.</param>
    /// <param name="visionConfig">The image encoder's configuration.</param>
    /// <param name="projectionDim">Width of the shared space.</param>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public static AltCLIPConfig FromTextVisionConfigs(AltCLIPTextConfig textConfig, AltCLIPVisionConfig visionConfig, int projectionDim = 768)
    {
        ArgumentNullException.ThrowIfNull(textConfig);
        ArgumentNullException.ThrowIfNull(visionConfig);
        var config = new AltCLIPConfig { TextConfig = textConfig, VisionConfig = visionConfig, ProjectionDim = projectionDim };
        config.Validate();
        return config;
    }

    /// <summary>Reads the configuration of a model.</summary>
    /// <param name="folderOrId">
    /// A folder with a <c>config.json</c>, or the path of such a file; or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="FileNotFoundException">There is no <c>config.json</c>.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, is of another model, or a value is out of range.</exception>
    public static AltCLIPConfig FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null) =>
        ConfigFile.ReadFull(new(folderOrId, revision, hub));

    /// <summary>Reads a configuration from JSON text.</summary>
    /// <exception cref="ConfigurationException">The text is not JSON, or a value is out of range.</exception>
    public static AltCLIPConfig FromJson(string json) => ConfigFile.ParseFull(json);

    /// <summary>Checks every value, of both encoders too.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public override void Validate()
    {
        var check = new ConfigCheck("config");
        check.That(TextConfig is not null, "text_config", null, "an object");
        check.That(VisionConfig is not null, "vision_config", null, "an object");
        check.Positive("projection_dim", ProjectionDim);
        check.That(double.IsFinite(LogitScaleInitValue), "logit_scale_init_value", LogitScaleInitValue, "finite");
        check.NotNegative("initializer_factor", InitializerFactor);
        TextConfig!.Validate();
        VisionConfig!.Validate();
        check.Weights("projection_dim", ProjectionDim, ("projection_dim", ProjectionDim), ("text_config.project_dim", TextConfig.ProjectDim));
        check.Weights("projection_dim", ProjectionDim, ("projection_dim", ProjectionDim), ("vision_config.hidden_size", VisionConfig.HiddenSize));
    }
}
