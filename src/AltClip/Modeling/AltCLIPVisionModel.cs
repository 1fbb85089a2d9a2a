using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Modeling.Vision;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>The image encoder of AltCLIP: CLIP's vision transformer without the projection.</summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltCLIPVisionModel : AltCLIPPreTrainedModel
{
    internal readonly AltCLIPVisionTransformer vision_model;

    /// <summary>Builds the encoder with fresh weights on the CPU, in training mode.</summary>
    /// <param name="config">Its configuration, which is checked and then belongs to the model.</param>
    /// <param name="initialization">How the weights start.</param>
    /// <exception cref="ConfigurationException">A value of the configuration is out of range.</exception>
    public AltCLIPVisionModel(AltCLIPVisionConfig config, WeightInitialization initialization = WeightInitialization.Transformers)
        : this(Skeleton.Validated(config)) => WeightInitializer.Initialize(this, initialization);

    private AltCLIPVisionModel(AltCLIPVisionConfig config) : base(nameof(AltCLIPVisionModel))
    {
        Config = config;
        vision_model = new AltCLIPVisionTransformer(config);
        RegisterComponents();
    }

    /// <summary>The configuration that the encoder was built from.</summary>
    public AltCLIPVisionConfig Config { get; }

    private protected override string ConfigJson => Config.ToJson();

    /// <summary>The encoder with shapes but without weights, to be loaded.</summary>
    internal static AltCLIPVisionModel WithoutWeights(AltCLIPVisionConfig config) => new(Skeleton.Validated(config));

    /// <summary>Loads the encoder from its own checkpoint or from that of a full AltCLIP model.</summary>
    /// <inheritdoc cref="AltCLIPTextModel.FromPretrained"/>
    public static AltCLIPVisionModel FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? subfolder = null, string? variant = null, bool strict = false, bool mapped = true) =>
        Pretrained.Load(
            new(folderOrId, revision, hub, subfolder), (folder, bound) => WithoutWeights(bound.Check(AltCLIPVisionConfig.FromPretrained(folder))), StateNames.VisionModel,
            new(dtype, device, variant, strict, mapped));

    /// <summary>Encodes pictures.</summary>
    /// <param name="pixel_values">Normalised pictures: floating point [batch, channels, height, width].</param>
    /// <param name="output_attentions">Whether to return attention weights; the configuration's choice if null.</param>
    /// <param name="output_hidden_states">Whether to return all hidden states; the configuration's choice if null.</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>The states [batch, patches + 1, hidden_size] and the class token's, normalised, [batch, hidden_size]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The pictures have a wrong type, shape or size.</exception>
    public BaseModelOutputWithPooling forward(
        Tensor pixel_values, bool? output_attentions = null, bool? output_hidden_states = null, bool interpolate_pos_encoding = false)
    {
        vision_model.Validate(pixel_values, interpolate_pos_encoding);
        return vision_model.Forward(pixel_values, output_attentions, output_hidden_states, interpolate_pos_encoding);
    }
}
