using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Hub;
using AltClip.Modeling.Text;
using AltClip.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>
/// The text encoder of AltDiffusion (Ye et al., arXiv 2308.09991), as its pipelines have it: XLM-RoBERTa whose states, a token each, are
/// projected to the width that the UNet attends to. v1 and m9 project the last layer's; m18 the second last's, after a layer norm.
/// </summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltDiffusionTextEncoder : AltCLIPPreTrainedModel
{
    internal readonly AltRobertaModel roberta;
    internal readonly Linear transformation;
    internal readonly LayerNorm? pre_LN;
    internal readonly Linear? transformation_pre;

    private AltDiffusionTextEncoder(AltDiffusionTextConfig config) : base(nameof(AltDiffusionTextEncoder))
    {
        Config = config;
        var encoder = Skeleton.Validated(config.Encoder);
        roberta = new AltRobertaModel(encoder);
        transformation = Skeleton.Linear(encoder.HiddenSize, encoder.ProjectDim);
        if (config.HasPreTransformation)
        {
            pre_LN = Skeleton.LayerNorm(encoder.HiddenSize, encoder.LayerNormEps);
            transformation_pre = Skeleton.Linear(encoder.HiddenSize, encoder.ProjectDim);
        }
        RegisterComponents();
    }

    /// <summary>The configuration that the encoder was built from.</summary>
    public AltDiffusionTextConfig Config { get; }

    private protected override string Architecture => AltDiffusionTextConfig.Architecture;

    private protected override string ConfigJson => Config.ToJson();

    /// <summary>Loads the encoder from a pipeline's folder, or from its own.</summary>
    /// <param name="folderOrId">
    /// A pipeline's folder or id on the Hub (<c>owner/name</c> or <c>owner/name@revision</c>) with <paramref name="subfolder"/>, or the
    /// encoder's own, with <c>config.json</c> and weights.
    /// </param>
    /// <param name="dtype">The weights' type; the file's are converted.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="subfolder">The folder within it that has the encoder, in pipelines <c>text_encoder</c>; null for itself.</param>
    /// <param name="variant">Which of several sets of weights, by what stands in their file names, such as <c>fp16</c>; null for those without.</param>
    /// <param name="strict">
    /// Whether tensors that the encoder has no place for are an error. Else they are not used, and named in <see cref="AltCLIPPreTrainedModel.LoadReport"/>.
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
    public static AltDiffusionTextEncoder FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? subfolder = null, string? variant = null, bool strict = false, bool mapped = true) =>
        Pretrained.Load(
            new(folderOrId, revision, hub, subfolder), (folder, bound) => WithoutWeights(AltDiffusionTextConfig.FromPretrained(folder), bound),
            StateNames.AltDiffusion, new(dtype, device, variant, strict, mapped));

    private static AltDiffusionTextEncoder WithoutWeights(AltDiffusionTextConfig config, WeightsBound bound)
    {
        bound.Check(config.Encoder);
        return new AltDiffusionTextEncoder(config);
    }

    /// <summary>Encodes texts.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [batch, sequence].</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [batch, sequence]; all 1 if not given.</param>
    /// <returns>What the UNet attends to, and the last layer's states; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    public AltDiffusionTextOutput forward(Tensor input_ids, Tensor? attention_mask = null)
    {
        var inputs = TextInputs.Checked(Config.Encoder, input_ids, attention_mask, null, null);
        using var scope = NewDisposeScope();
        var states = new EncoderStates(hiddenStates: transformation_pre is not null, attentions: false);
        var last = roberta.forward(inputs, states);
        var projected = transformation_pre is null
            ? transformation.Project(last)
            : transformation_pre.Project(pre_LN!.Normalize(states.HiddenStates![^2]));
        var output = new AltDiffusionTextOutput(projected.to(transformation.weight.dtype), last);
        scope.MoveToOuter(output.ProjectionState, output.LastHiddenState);
        return output;
    }
}
