using System.Diagnostics.CodeAnalysis;
using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Native;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Pipeline;

/// <summary>Encodes prompts as an AltDiffusion pipeline does before it hands them to its UNet (<c>encode_prompt</c> of diffusers).</summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public sealed class AltDiffusionPromptEncoder : IDisposable
{
    private const string EncoderFolder = "text_encoder";
    private const string TokenizerFolder = "tokenizer";

    /// <summary>Joins a tokenizer and a text encoder, which then belongs to this.</summary>
    /// <param name="tokenizer">The pipeline's tokenizer.</param>
    /// <param name="textEncoder">The pipeline's text encoder.</param>
    public AltDiffusionPromptEncoder(XLMRobertaTokenizer tokenizer, AltDiffusionTextEncoder textEncoder)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(textEncoder);
        (Tokenizer, TextEncoder) = (tokenizer, textEncoder);
    }

    /// <summary>The pipeline's tokenizer.</summary>
    public XLMRobertaTokenizer Tokenizer { get; }

    /// <summary>The pipeline's text encoder.</summary>
    public AltDiffusionTextEncoder TextEncoder { get; }

    /// <summary>Loads tokenizer and text encoder of a pipeline.</summary>
    /// <param name="folderOrId">The pipeline's folder, or its id on the Hub: <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="dtype">The weights' type; the file's are converted.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="variant">Which of several sets of weights, such as <c>fp16</c>; null for those without a name.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read or don't fit.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read.</exception>
    public static AltDiffusionPromptEncoder FromPretrained(
        string folderOrId, ScalarType dtype = ScalarType.Float32, Device? device = null, string? revision = null, HubOptions? hub = null,
        string? variant = null) => new(
        XLMRobertaTokenizer.FromPretrained(folderOrId, revision, hub, TokenizerFolder),
        AltDiffusionTextEncoder.FromPretrained(folderOrId, dtype, device, revision, hub, EncoderFolder, variant));

    /// <summary>Encodes prompts, each padded and cut to the tokenizer's greatest length.</summary>
    /// <param name="prompts">The prompts, in any language.</param>
    /// <param name="negativePrompts">What pictures shall not be, for each prompt or one for all; empty texts if null.</param>
    /// <param name="imagesPerPrompt">How many pictures of each prompt are made; each has a row.</param>
    /// <param name="withGuidance">Whether negative prompts are encoded, for classifier-free guidance.</param>
    /// <returns>What the UNet attends to; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There are no prompts, or another number of negative ones.</exception>
    public AltDiffusionPromptEmbeddings Encode(
        IReadOnlyList<string> prompts, IReadOnlyList<string>? negativePrompts = null, int imagesPerPrompt = 1, bool withGuidance = true)
    {
        Check.Items(prompts, nameof(prompts), "prompt");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imagesPerPrompt);
        negativePrompts ??= [""];
        Check.Items(negativePrompts, nameof(negativePrompts), "negative prompt");
        if (negativePrompts.Count != 1 && negativePrompts.Count != prompts.Count)
        {
            throw new ArgumentException(
                $"There are {negativePrompts.Count} negative prompts and {prompts.Count} prompts; expected as many, or one.", nameof(negativePrompts));
        }
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var negatives = negativePrompts.Count == prompts.Count ? negativePrompts : [.. prompts.Select(_ => negativePrompts[0])];
        var output = new AltDiffusionPromptEmbeddings(Rows(prompts, imagesPerPrompt), withGuidance ? Rows(negatives, imagesPerPrompt) : null);
        scope.MoveToOuter(output.Tensors);
        return output;
    }

    /// <summary>Disposes the text encoder.</summary>
    public void Dispose() => TextEncoder.Dispose();

    private Tensor Rows(IReadOnlyList<string> texts, int imagesPerPrompt)
    {
        var config = TextEncoder.Config;
        var encoding = Tokenizer.Encode(texts, new TokenizerOptions
        {
            Padding = PaddingStrategy.MaxLength,
            Truncation = TruncationStrategy.LongestFirst,
            MaxLength = Tokenizer.ModelMaxLength ?? config.Encoder.MaxPositionEmbeddings - config.Encoder.PadTokenId - 1,
        });
        var device = TextEncoder.transformation.weight.device;
        var mask = config.UsesAttentionMask ? Matrix(encoding.AttentionMask!, device) : null;
        var states = TextEncoder.forward(Matrix(encoding.InputIds, device), mask).ProjectionState;
        return states.repeat_interleave(imagesPerPrompt, dim: 0);
    }

    private static Tensor Matrix(int[][] rows, Device device) =>
        tensor(Array.ConvertAll(rows.SelectMany(row => row).ToArray(), id => (long)id), [rows.Length, rows[0].Length], device: device);
}
