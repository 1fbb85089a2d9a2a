using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Modeling.Text;
using AltClip.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// The text encoder of AltCLIP: XLM-RoBERTa, a layer norm and a linear map to the width of the teacher's text embedding (arXiv 2211.06679,
/// section 3.1).
/// </summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltCLIPTextModel : AltCLIPPreTrainedModel
{
    internal readonly AltRobertaModel roberta;
    internal readonly LayerNorm pre_LN;
    internal readonly Linear transformation;

    /// <summary>Builds the encoder with fresh weights on the CPU, in training mode.</summary>
    /// <param name="config">Its configuration, which is checked and then belongs to the model.</param>
    /// <param name="initialization">How the weights start.</param>
    /// <exception cref="ConfigurationException">A value of the configuration is out of range.</exception>
    public AltCLIPTextModel(AltCLIPTextConfig config, WeightInitialization initialization = WeightInitialization.Transformers)
        : this(Skeleton.Validated(config)) => WeightInitializer.Initialize(this, initialization);

    private AltCLIPTextModel(AltCLIPTextConfig config) : base(nameof(AltCLIPTextModel))
    {
        Config = config;
        roberta = new AltRobertaModel(config);
        pre_LN = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        transformation = Skeleton.Linear(config.HiddenSize, config.ProjectDim);
        RegisterComponents();
    }

    /// <summary>The configuration that the encoder was built from.</summary>
    public AltCLIPTextConfig Config { get; }

    private protected override string ConfigJson => Config.ToJson();

    /// <summary>The encoder with shapes but without weights, to be loaded.</summary>
    internal static AltCLIPTextModel WithoutWeights(AltCLIPTextConfig config) => new(Skeleton.Validated(config));

    /// <summary>Loads the encoder from its own checkpoint or from that of a full AltCLIP model.</summary>
    /// <param name="folderOrId">
    /// A folder with <c>config.json</c> and weights (safetensors or PyTorch's .bin, sharded or not); or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="dtype">The weights' type; the file's are converted.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="subfolder">The folder within it that has the files; null for itself.</param>
    /// <param name="variant">Which of several sets of weights, by what stands in their file names, such as <c>fp16</c>; null for those without.</param>
    /// <param name="strict">
    /// Whether tensors that the model has no place for are an error. Else they are not used, and named in <see cref="AltCLIPPreTrainedModel.LoadReport"/>.
    /// </param>
    /// <param name="mapped">
    /// Whether weights that needn't be converted stay in the mapped file: they then take no memory of their own, and the file must stay as it is (replacing
    /// or deleting it is harmless; writing into it changes the weights, and cutting it short kills the process). If not, they are copied.
    /// </param>
    /// <returns>The encoder in evaluation mode. On the CPU, float32 safetensors are mapped from the file and not copied, unless <paramref name="mapped"/> is false.</returns>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read or don't fit; the message names the first ones that don't.</exception>
    public static AltCLIPTextModel FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? subfolder = null, string? variant = null, bool strict = false, bool mapped = true) =>
        Pretrained.Load(
            new(folderOrId, revision, hub, subfolder), (folder, bound) => WithoutWeights(bound.Check(AltCLIPTextConfig.FromPretrained(folder))), StateNames.TextModel,
            new(dtype, device, variant, strict, mapped));

    /// <summary>Encodes texts.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [batch, sequence]. Either these or <paramref name="inputs_embeds"/>.</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [batch, sequence], or [batch, sequence, sequence].</param>
    /// <param name="token_type_ids">Token types [batch, sequence] or [1, sequence]; all 0 if not given.</param>
    /// <param name="position_ids">Positions [batch, sequence] or [1, sequence]; if not given, counted from the padding id as XLM-RoBERTa does.</param>
    /// <param name="head_mask">Factors on the attention weights of single heads: [heads] or [layers, heads].</param>
    /// <param name="inputs_embeds">Embeddings in place of ids: [batch, sequence, hidden_size].</param>
    /// <param name="encoder_hidden_states">What cross-attention attends to: [batch, encoder sequence, hidden_size].</param>
    /// <param name="encoder_attention_mask">1 for states to attend to, 0 for padding: [batch, encoder sequence] or [batch, sequence, encoder sequence].</param>
    /// <param name="output_attentions">Whether to return attention weights; the configuration's choice if null.</param>
    /// <param name="output_hidden_states">Whether to return all hidden states; the configuration's choice if null.</param>
    /// <returns>The states [batch, sequence, project_dim] and the class token's [batch, project_dim]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An argument is missing, or has a wrong type, shape or value.</exception>
    public BaseModelOutputWithPoolingAndProjection forward(
        Tensor? input_ids = null, Tensor? attention_mask = null, Tensor? token_type_ids = null, Tensor? position_ids = null,
        Tensor? head_mask = null, Tensor? inputs_embeds = null, Tensor? encoder_hidden_states = null, Tensor? encoder_attention_mask = null,
        bool? output_attentions = null, bool? output_hidden_states = null)
    {
        var inputs = new TextInputs(
            input_ids, attention_mask, token_type_ids, position_ids, head_mask, inputs_embeds, encoder_hidden_states, encoder_attention_mask);
        inputs.Validate(Config);
        return Forward(inputs, output_attentions, output_hidden_states);
    }

    /// <summary>The work of <see cref="forward"/> on inputs already checked.</summary>
    internal BaseModelOutputWithPoolingAndProjection Forward(TextInputs inputs, bool? outputAttentions, bool? outputHiddenStates)
    {
        using var scope = NewDisposeScope();
        var states = new EncoderStates(outputHiddenStates ?? Config.OutputHiddenStates, outputAttentions ?? Config.OutputAttentions);
        var projected = transformation.Project(pre_LN.Normalize(roberta.forward(inputs, states))).to(transformation.weight.dtype);
        var output = new BaseModelOutputWithPoolingAndProjection(projected, projected[TensorIndex.Colon, 0], states);
        scope.MoveToOuter(output.Tensors);
        return output;
    }
}
