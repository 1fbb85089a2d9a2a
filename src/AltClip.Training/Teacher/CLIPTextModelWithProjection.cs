using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Teacher;

/// <summary>
/// CLIP's text encoder with its projection (Radford et al., arXiv 2103.00020): the teacher of AltCLIP's first training stage, where the
/// multilingual student learns to give a text and its translations the embedding that this encoder gives the English one.
/// </summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class CLIPTextModelWithProjection : AltCLIPModule
{
    internal readonly CLIPTextTransformer text_model;
    internal readonly Linear text_projection;

    private CLIPTextModelWithProjection(CLIPTextConfig config) : base(nameof(CLIPTextModelWithProjection))
    {
        Config = config;
        text_model = new CLIPTextTransformer(config);
        text_projection = Skeleton.Linear(config.HiddenSize, config.ProjectionDim, bias: false);
        RegisterComponents();
    }

    /// <summary>The configuration that the encoder was built from.</summary>
    public CLIPTextConfig Config { get; }

    /// <summary>
    /// Loads the encoder from its own checkpoint or from that of a full CLIP model, of which the image encoder is left out.
    /// </summary>
    /// <param name="folderOrId">
    /// A folder with <c>config.json</c> and weights (safetensors or PyTorch's .bin, sharded or not); or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="dtype">The weights' type; the file's are converted.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <returns>The encoder in evaluation mode. On the CPU, float32 safetensors are mapped from the file and not copied.</returns>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read or don't fit; the message names the first ones that don't.</exception>
    public static CLIPTextModelWithProjection FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null) =>
        Pretrained.Load(
            new(folderOrId, revision, hub), (folder, bound) => new CLIPTextModelWithProjection(bound.Check(CLIPTextConfig.FromPretrained(folder))),
            StateNames.ClipTextModel, new(dtype, device));

    /// <summary>Embeds texts.</summary>
    /// <param name="input_ids">
    /// Token ids of <see cref="CLIPTokenizer"/>: int64 or int32 [batch, sequence]. As in transformers, a text without an end token takes the
    /// state of its first token.
    /// </param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [batch, sequence]. Later tokens are never attended to.</param>
    /// <param name="position_ids">Positions [batch, sequence] or [1, sequence]; 0, 1, … if not given.</param>
    /// <param name="output_attentions">Whether to return attention weights; the configuration's choice if null.</param>
    /// <param name="output_hidden_states">Whether to return all hidden states; the configuration's choice if null.</param>
    /// <returns>The embeddings [batch, projection_dim], not normalised, and the states; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    public CLIPTextModelOutput forward(
        Tensor input_ids, Tensor? attention_mask = null, Tensor? position_ids = null, bool? output_attentions = null,
        bool? output_hidden_states = null)
    {
        text_model.Validate(input_ids, attention_mask, position_ids);
        using var scope = NewDisposeScope();
        var states = new EncoderStates(output_hidden_states ?? Config.OutputHiddenStates, output_attentions ?? Config.OutputAttentions);
        var last = text_model.forward(input_ids, attention_mask, position_ids, states);
        var output = new CLIPTextModelOutput(text_projection.Project(text_model.Pooled(last, input_ids)), last, states);
        scope.MoveToOuter(output.Tensors);
        return output;
    }
}
