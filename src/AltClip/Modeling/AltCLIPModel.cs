using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using AltClip.Native;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// AltCLIP (Chen et al., arXiv 2211.06679): a multilingual text encoder and CLIP's image encoder, projected into one space where a picture
/// is near the texts that describe it.
/// </summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltCLIPModel : AltCLIPPreTrainedModel
{
    internal readonly AltCLIPTextModel text_model;
    internal readonly AltCLIPVisionTransformer vision_model;
    internal readonly Linear visual_projection;
    internal readonly Linear text_projection;

    [ComponentName(Name = nameof(logit_scale))]
    private Parameter _logitScale;

    /// <summary>Builds the model with fresh weights on the CPU, in training mode.</summary>
    /// <param name="config">Its configuration, which is checked and then belongs to the model.</param>
    /// <param name="initialization">How the weights start.</param>
    /// <exception cref="ConfigurationException">A value of the configuration is out of range.</exception>
    public AltCLIPModel(AltCLIPConfig config, WeightInitialization initialization = WeightInitialization.Transformers)
        : this(Skeleton.Validated(config)) => WeightInitializer.Initialize(this, initialization);

    private AltCLIPModel(AltCLIPConfig config) : base(nameof(AltCLIPModel))
    {
        Config = config;
        text_model = AltCLIPTextModel.WithoutWeights(config.TextConfig);
        vision_model = new AltCLIPVisionTransformer(config.VisionConfig);
        visual_projection = Skeleton.Linear(config.VisionConfig.HiddenSize, config.ProjectionDim, bias: false);
        text_projection = Skeleton.Linear(config.TextConfig.ProjectDim, config.ProjectionDim, bias: false);
        _logitScale = Skeleton.Parameter();
        RegisterComponents();
    }

    /// <summary>The configuration that the model was built from.</summary>
    public AltCLIPConfig Config { get; }

    private protected override string ConfigJson => Config.ToJson();

    /// <summary>Natural logarithm of the factor on the cosine similarities, a scalar.</summary>
    public Parameter logit_scale
    {
        get => _logitScale;
        set => Replace(ref _logitScale, value, nameof(logit_scale));
    }

    /// <summary>The model with shapes but without weights, to be loaded.</summary>
    internal static AltCLIPModel WithoutWeights(AltCLIPConfig config) => new(Skeleton.Validated(config));

    /// <summary>Loads a model from its checkpoint.</summary>
    /// <inheritdoc cref="AltCLIPTextModel.FromPretrained"/>
    public static AltCLIPModel FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? subfolder = null, string? variant = null, bool strict = false, bool mapped = true) =>
        Load(new(folderOrId, revision, hub, subfolder), new(dtype, device, variant, strict, mapped));

    /// <summary>Says what loading a folder's weights would report, without reading them. Whether all tensors are there, loading says.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and weights.</param>
    /// <param name="variant">Which of several sets of weights, such as <c>fp16</c>; null for the one without a name.</param>
    /// <exception cref="IOException">The folder or a file is missing.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read.</exception>
    public static LoadReport Inspect(string folder, string? variant = null) =>
        Pretrained.Inspect(folder, WithoutWeights, StateNames.FullModel, variant);

    /// <summary>Loads a model: see <see cref="Pretrained.Load"/>.</summary>
    internal static AltCLIPModel Load(PretrainedSource location, LoadOptions options) =>
        Pretrained.Load(location, WithoutWeights, StateNames.FullModel, options);

    private static AltCLIPModel WithoutWeights(string folder, WeightsBound bound) => WithoutWeights(bound.Check(AltCLIPConfig.FromPretrained(folder)));

    /// <summary>Embeds texts and pictures and compares each with each.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [texts, sequence].</param>
    /// <param name="pixel_values">Normalised pictures: floating point [pictures, channels, height, width].</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [texts, sequence], or [texts, sequence, sequence].</param>
    /// <param name="position_ids">Positions [texts, sequence]; if not given, counted from the padding id as XLM-RoBERTa does.</param>
    /// <param name="token_type_ids">Token types [texts, sequence]; all 0 if not given.</param>
    /// <param name="return_loss">Whether to compute the contrastive loss; text i then belongs to picture i.</param>
    /// <param name="output_attentions">Whether to return attention weights; the configuration's choice if null.</param>
    /// <param name="output_hidden_states">Whether to return all hidden states; the configuration's choice if null.</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>Similarities, embeddings and the encoders' outputs; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    public AltCLIPOutput forward(
        Tensor input_ids, Tensor pixel_values, Tensor? attention_mask = null, Tensor? position_ids = null, Tensor? token_type_ids = null,
        bool return_loss = false, bool? output_attentions = null, bool? output_hidden_states = null, bool interpolate_pos_encoding = false)
    {
        var texts = TextInputs.Checked(Config.TextConfig, input_ids, attention_mask, position_ids, token_type_ids);
        vision_model.Validate(pixel_values, interpolate_pos_encoding);
        if (return_loss && input_ids.shape[0] != pixel_values.shape[0])
        {
            throw new ArgumentException(
                $"There are {input_ids.shape[0]} texts and {pixel_values.shape[0]} pictures; expected as many for the loss.", nameof(return_loss));
        }

        using var scope = NewDisposeScope();
        output_attentions ??= Config.OutputAttentions;
        output_hidden_states ??= Config.OutputHiddenStates;
        var text = text_model.Forward(texts, output_attentions, output_hidden_states);
        var vision = vision_model.Forward(pixel_values, output_attentions, output_hidden_states, interpolate_pos_encoding);

        var imageEmbeds = visual_projection.Project(vision.PoolerOutput).ToUnitLength();
        var textEmbeds = text_projection.Project(text.PoolerOutput).ToUnitLength();
        var logitsPerText = Similarity.Logits(textEmbeds, imageEmbeds, logit_scale);
        var output = new AltCLIPOutput(
            return_loss ? Losses.Contrastive(logitsPerText) : null, logitsPerText.t(), logitsPerText, textEmbeds, imageEmbeds, text, vision);
        scope.MoveToOuter(output.Tensors);
        return output;
    }

    /// <summary>Embeds what a processor prepared: see the other overload.</summary>
    /// <param name="inputs">Texts and pictures.</param>
    /// <param name="return_loss">Whether to compute the contrastive loss; text i then belongs to picture i.</param>
    /// <param name="output_attentions">Whether to return attention weights; the configuration's choice if null.</param>
    /// <param name="output_hidden_states">Whether to return all hidden states; the configuration's choice if null.</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>Similarities, embeddings and the encoders' outputs; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The inputs lack texts or pictures, or don't fit the model.</exception>
    public AltCLIPOutput forward(
        AltCLIPInputs inputs, bool return_loss = false, bool? output_attentions = null, bool? output_hidden_states = null,
        bool interpolate_pos_encoding = false)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.InputIds is null || inputs.PixelValues is null)
            throw new ArgumentException("The inputs have no " + (inputs.InputIds is null ? "texts." : "pictures."), nameof(inputs));
        return forward(
            inputs.InputIds, inputs.PixelValues, inputs.AttentionMask, token_type_ids: inputs.TokenTypeIds, return_loss: return_loss,
            output_attentions: output_attentions, output_hidden_states: output_hidden_states, interpolate_pos_encoding: interpolate_pos_encoding);
    }

    /// <summary>Embeds texts in the shared space.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [texts, sequence].</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [texts, sequence], or [texts, sequence, sequence].</param>
    /// <param name="position_ids">Positions [texts, sequence]; if not given, counted from the padding id as XLM-RoBERTa does.</param>
    /// <param name="token_type_ids">Token types [texts, sequence]; all 0 if not given.</param>
    /// <returns>Embeddings [texts, projection_dim], not normalised; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    public Tensor get_text_features(
        Tensor input_ids, Tensor? attention_mask = null, Tensor? position_ids = null, Tensor? token_type_ids = null)
    {
        using var output = text_model.Forward(TextInputs.Checked(Config.TextConfig, input_ids, attention_mask, position_ids, token_type_ids), false, false);
        return text_projection.Project(output.PoolerOutput);
    }

    /// <summary>Embeds pictures in the shared space.</summary>
    /// <param name="pixel_values">Normalised pictures: floating point [pictures, channels, height, width].</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>Embeddings [pictures, projection_dim], not normalised; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The pictures have a wrong type, shape or size.</exception>
    public Tensor get_image_features(Tensor pixel_values, bool interpolate_pos_encoding = false)
    {
        vision_model.Validate(pixel_values, interpolate_pos_encoding);
        using var output = vision_model.Forward(pixel_values, false, false, interpolate_pos_encoding);
        return visual_projection.Project(output.PoolerOutput);
    }
}
