using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Inference;
using AltClip.Inference.Calibration;
using AltClip.Inference.Kernels;
using AltClip.Modeling;
using AltClip.Modeling.Adapters;
using AltClip.Modeling.Text;
using AltClip.Native;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// A model made ready for speed, by <see cref="AltCLIPInferenceExtensions.ForInference"/>: the same weights packed for the machine's
/// products, in the precision asked for. It takes the place of <see cref="AltCLIPModel"/> for embeddings and similarities, without
/// gradients, hidden states and attention weights, and always as in evaluation mode.
/// </summary>
/// <remarks>
/// Encoders run on products of this library's own (on Linux with AVX-512 or AVX2), on oneDNN's, with weights in its order and activations and
/// residuals fused (x64), or on libtorch's ordinary ones: whichever is fastest here, which is measured once for a size of encoder and kept for a
/// month in <c>~/.cache/altclip/kernels</c>; <see cref="InferenceOptions.Kernel"/> asks for one of them. Query, key and value are one product, of
/// the last layer only the class token is computed, and padding costs nothing: the tokens of a batch are computed without it. Several threads may
/// share one instance.
/// </remarks>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltCLIPInference : IDisposable
{
    private readonly TextTower? _text;
    private readonly VisionTower? _vision;
    private readonly CallGate _calls;

    internal AltCLIPInference(AltCLIPModel model, InferenceOptions options, TensorRows? words = null, ModelCalibration? calibration = null)
    {
        _calls = new CallGate(this, Free);
        Config = model.Config;
        LoadReport = model.LoadReport;
        Precision = options.Precision;
        using var noGrad = no_grad();
        LogitScale = Math.Exp(model.logit_scale.ToNumber());
        // Both before anything is packed, as an option may name what doesn't exist.
        var device = model.logit_scale.device;
        EncoderCandidate? text = options.Towers.HasFlag(InferenceTowers.Text)
            ? EncoderKernels.Choose(EncoderSpec.Text(model) with { Calibration = calibration?.Text }, options, device) : null;
        EncoderCandidate? image = options.Towers.HasFlag(InferenceTowers.Image)
            ? EncoderKernels.Choose(EncoderSpec.Image(model) with { Calibration = calibration?.Image }, options, device) : null;
        try
        {
            if (text is { } textChoice) _text = new TextTower(model, textChoice, options.ReleaseSourceWeights, words, calibration?.Text);
            if (image is { } imageChoice) _vision = new VisionTower(model, imageChoice, options.ReleaseSourceWeights, calibration?.Image);
        }
        catch
        {
            Dispose();
            throw;
        }
        if (options.ReleaseSourceWeights) model.Dispose();
        NativeHeap.Trim();
    }

    /// <summary>The configuration of the model.</summary>
    public AltCLIPConfig Config { get; }

    /// <summary>What loading found in the file that the model has no place for; null for a model that was not loaded.</summary>
    public LoadReport? LoadReport { get; }

    /// <summary>The factor on cosine similarities that makes them logits: e to the model's <c>logit_scale</c>.</summary>
    public double LogitScale { get; }

    /// <summary>The precision that was asked for; see <see cref="TextPrecision"/> and <see cref="ImagePrecision"/> for what is computed in.</summary>
    public InferencePrecision Precision { get; }

    /// <summary>The kernel that runs the text encoder, one of <see cref="InferenceOptions.Kernel"/>'s names; null if the encoder was left out.</summary>
    public string? TextKernel => _text?.Kernel;

    /// <summary>The kernel that runs the image encoder, one of <see cref="InferenceOptions.Kernel"/>'s names; null if the encoder was left out.</summary>
    public string? ImageKernel => _vision?.Kernel;

    /// <summary>
    /// What the text encoder's products compute in: <see cref="Precision"/> or, where the processor has no fast products of that, a higher one;
    /// weights may be stored narrower. Null if the encoder was left out.
    /// </summary>
    public InferencePrecision? TextPrecision => _text?.Precision;

    /// <summary>The same of the image encoder.</summary>
    public InferencePrecision? ImagePrecision => _vision?.Precision;

    /// <summary>
    /// Whether the text encoder computes in int8 as <c>calibration.safetensors</c> beside its weights has it, which <c>altclip quantize</c> writes. Not
    /// where the kernel finds all at run time (<c>OneDnn</c>) or has more than 8 bits for activations (<c>PanelsAvx2</c>), nor where an adapter
    /// changed the weights.
    /// </summary>
    public bool IsTextCalibrated => _text?.IsCalibrated ?? false;

    /// <summary>The same of the image encoder.</summary>
    public bool IsImageCalibrated => _vision?.IsCalibrated ?? false;

    /// <summary>
    /// Loads a model from its checkpoint, packs it and frees what it was packed from. On the CPU the word embedding stays in the file, whose
    /// rows are read as texts use them: see <see cref="InferenceOptions.Mapped"/>.
    /// </summary>
    /// <param name="folderOrId">
    /// A folder with <c>config.json</c> and weights (safetensors or PyTorch's .bin, sharded or not); or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="options">Precision and encoders; 32-bit floating point and both if null.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="variant">Which of several sets of weights, by what stands in their file names, such as <c>fp16</c>; null for those without.</param>
    /// <returns>The packed model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option has no valid value, or the kernel doesn't support the model here.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read or don't fit; the message names the first ones that don't.</exception>
    /// <exception cref="NotSupportedException">The text encoder has relative positions; only the model itself computes those.</exception>
    public static AltCLIPInference FromPretrained(
        string folderOrId, InferenceOptions? options = null, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? variant = null)
    {
        return Load(new PretrainedSource(folderOrId, revision, hub), options ?? new InferenceOptions(), device, [], variant);
    }

    /// <summary>The same, with adapters put into the weights before they are packed.</summary>
    internal static AltCLIPInference Load(
        PretrainedSource source, InferenceOptions options, Device? device, IReadOnlyList<AdapterSource> adapters, string? variant = null,
        FolderStamp? beside = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var hasWords = options.Towers.HasFlag(InferenceTowers.Text);
        // An adapter may change the words' embeddings, and the sum isn't to be rounded to the file's type. A GPU reads no files.
        var inFile = hasWords && options.Mapped && adapters.Count == 0 && (device is null || device.type == DeviceType.CPU);
        TensorRows? words = null;
        try
        {
            using var model = AltCLIPModel.Load(source, new(Device: device, Variant: variant, Mapped: options.Mapped, Beside: beside, Outliving: new(
                name => hasWords && name.EndsWith("word_embeddings.weight", StringComparison.Ordinal),
                adapters.Count == 0 ? null : ScalarType.Float32,
                inFile ? rows => words = rows : null), CancellationToken: cancellationToken));
            LoraAdapter.MergePretrained(model, adapters);
            cancellationToken.ThrowIfCancellationRequested();
            return AltCLIPInferenceExtensions.Pack(model, options with { ReleaseSourceWeights = true }, words, Calibration(model));
        }
        catch
        {
            words?.Dispose();
            throw;
        }

        // Only of int8 on the CPU, of weights without a name, and not of those that an adapter makes.
        ModelCalibration? Calibration(AltCLIPModel model) =>
            options is not { Precision: InferencePrecision.Int8, IgnoreCalibration: false } || adapters.Count > 0 || variant is not null
                || model.logit_scale.device.type != DeviceType.CPU
                ? null
                : ModelCalibration.Beside(source.Locate(Files()), model, options.Towers);
    }

    /// <summary>What a model is read from to be packed.</summary>
    internal static HubFileGroup[] Files(string? variant = null) => [.. Pretrained.Files(variant), HubFileGroup.Optional(CalibrationFile.Name)];

    /// <summary>Embeds texts and pictures and compares each with each.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [texts, sequence].</param>
    /// <param name="pixel_values">Normalised pictures: floating point [pictures, channels, height, width].</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [texts, sequence], or [texts, sequence, sequence].</param>
    /// <param name="position_ids">Positions [texts, sequence]; if not given, counted from the padding id as XLM-RoBERTa does.</param>
    /// <param name="token_type_ids">Token types [texts, sequence]; all 0 if not given.</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>Similarities and embeddings; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    /// <exception cref="CheckpointException">The file that the word embedding is read from was written into or cut short.</exception>
    /// <exception cref="InvalidOperationException">One of the encoders was left out.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public AltCLIPInferenceOutput forward(
        Tensor input_ids, Tensor pixel_values, Tensor? attention_mask = null, Tensor? position_ids = null, Tensor? token_type_ids = null,
        bool interpolate_pos_encoding = false)
    {
        using var call = _calls.Enter();
        var (text, vision) = (Text, Vision);
        var texts = TextInputs.Checked(Config.TextConfig, input_ids, attention_mask, position_ids, token_type_ids);
        vision.Validate(pixel_values, interpolate_pos_encoding);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var textEmbeds = text.Encode(texts).ToUnitLength();
        var imageEmbeds = vision.Encode(pixel_values).ToUnitLength();
        var logitsPerText = textEmbeds.matmul(imageEmbeds.t()).Times(LogitScale);
        var output = new AltCLIPInferenceOutput(logitsPerText.t(), logitsPerText, textEmbeds, imageEmbeds);
        scope.MoveToOuter(output.LogitsPerImage, output.LogitsPerText, output.TextEmbeds, output.ImageEmbeds);
        return output;
    }

    /// <summary>Embeds texts in the shared space.</summary>
    /// <param name="input_ids">Token ids: int64 or int32 [texts, sequence].</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [texts, sequence], or [texts, sequence, sequence].</param>
    /// <param name="position_ids">Positions [texts, sequence]; if not given, counted from the padding id as XLM-RoBERTa does.</param>
    /// <param name="token_type_ids">Token types [texts, sequence]; all 0 if not given.</param>
    /// <returns>Embeddings float32 [texts, projection_dim], not normalised; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value.</exception>
    /// <exception cref="CheckpointException">The file that the word embedding is read from was written into or cut short.</exception>
    /// <exception cref="InvalidOperationException">The text encoder was left out.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public Tensor get_text_features(
        Tensor input_ids, Tensor? attention_mask = null, Tensor? position_ids = null, Tensor? token_type_ids = null)
    {
        using var call = _calls.Enter();
        var text = Text;
        var texts = TextInputs.Checked(Config.TextConfig, input_ids, attention_mask, position_ids, token_type_ids);
        using var noGrad = no_grad();
        return text.Encode(texts);
    }

    /// <summary>Embeds pictures in the shared space.</summary>
    /// <param name="pixel_values">Normalised pictures: floating point [pictures, channels, height, width].</param>
    /// <param name="interpolate_pos_encoding">Whether pictures may be of another size than the configuration's.</param>
    /// <returns>Embeddings float32 [pictures, projection_dim], not normalised; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The pictures have a wrong type, shape or size.</exception>
    /// <exception cref="InvalidOperationException">The image encoder was left out.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public Tensor get_image_features(Tensor pixel_values, bool interpolate_pos_encoding = false)
    {
        using var call = _calls.Enter();
        var vision = Vision;
        vision.Validate(pixel_values, interpolate_pos_encoding);
        using var noGrad = no_grad();
        return vision.Encode(pixel_values);
    }

    /// <summary>Frees the packed weights, where calls are under way when the last of them ends. Later calls are refused.</summary>
    public void Dispose() => _calls.Close();

    private void Free()
    {
        _text?.Dispose();
        _vision?.Dispose();
    }

    private TextTower Text => Tower(_text, InferenceTowers.Text);

    private VisionTower Vision => Tower(_vision, InferenceTowers.Image);

    private static T Tower<T>(T? tower, InferenceTowers name) where T : class => tower ?? throw new InvalidOperationException(
        $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.Towers)} left the {name} encoder out.");
}
