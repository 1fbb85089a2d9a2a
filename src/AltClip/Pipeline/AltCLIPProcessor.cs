using AltClip.Hub;

namespace AltClip;

/// <summary>
/// Turns texts and pictures into what the model takes, as transformers' <c>AltCLIPProcessor</c> does. Safe to use from several threads.
/// </summary>
public sealed class AltCLIPProcessor : IDisposable
{
    /// <summary>What a processor is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [.. XLMRobertaTokenizer.Files, .. CLIPImageProcessor.Files];

    /// <summary>Joins a tokenizer and an image processor.</summary>
    public AltCLIPProcessor(XLMRobertaTokenizer tokenizer, CLIPImageProcessor imageProcessor)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(imageProcessor);
        Tokenizer = tokenizer;
        ImageProcessor = imageProcessor;
    }

    /// <summary>Prepares the texts.</summary>
    public XLMRobertaTokenizer Tokenizer { get; }

    /// <summary>Prepares the pictures.</summary>
    public CLIPImageProcessor ImageProcessor { get; }

    /// <summary>The names of the model's inputs that are made here: <c>input_ids</c>, <c>attention_mask</c>, <c>pixel_values</c>.</summary>
    public static IReadOnlyList<string> ModelInputNames { get; } = [.. XLMRobertaTokenizer.ModelInputNames, .. CLIPImageProcessor.ModelInputNames];

    /// <summary>Reads the tokenizer's and the image processor's files of a model.</summary>
    /// <param name="folderOrId">
    /// A folder with <c>tokenizer.json</c> or <c>sentencepiece.bpe.model</c>, and <c>preprocessor_config.json</c>;
    /// or a model on the Hub, <c>owner/name</c> or <c>owner/name@revision</c>,
    /// whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read; the message names it.</exception>
    /// <exception cref="ConfigurationException">The image settings can't be read; the message names it.</exception>
    public static AltCLIPProcessor FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null)
    {
        var folder = new PretrainedSource(folderOrId, revision, hub).Locate(Files);
        return new(XLMRobertaTokenizer.FromPretrained(folder), CLIPImageProcessor.FromPretrained(folder));
    }

    /// <summary>Writes the files that <see cref="FromPretrained"/> reads.</summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    public void SavePretrained(string folder)
    {
        Tokenizer.SavePretrained(folder);
        ImageProcessor.SavePretrained(folder);
    }

    /// <summary>Prepares texts, pictures or both.</summary>
    /// <param name="text">The texts, or null.</param>
    /// <param name="images">The pictures, or null.</param>
    /// <param name="options">Choices for this call; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between texts and between pictures.</param>
    /// <returns>The model's inputs, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">Neither texts nor pictures are given, a list is empty or has a null, or an option is wrong.</exception>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public AltCLIPInputs Process(
        IReadOnlyList<string>? text = null, IReadOnlyList<ImageSource>? images = null, AltCLIPProcessorOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        if (text is null && images is null)
            throw new ArgumentException("Neither text nor images given; expected at least one.", nameof(text));
        if (text is { Count: 0 }) throw new ArgumentException("There are no texts.", nameof(text));
        options ??= new AltCLIPProcessorOptions();
        var pictureOptions = options.Images with
        {
            Device = options.Device ?? options.Images.Device,
            Dtype = options.Dtype ?? options.Images.Dtype,
        };
        // Rows of a tensor have one length.
        var textOptions = options.Text.Padding == PaddingStrategy.None ? options.Text with { Padding = PaddingStrategy.Longest } : options.Text;
        var encoding = text is null ? null : Tokenizer.Encode(text, textOptions, cancellationToken);
        var pictures = images is null ? null : ImageProcessor.Process(images, pictureOptions, cancellationToken: cancellationToken);
        try
        {
            var tensors = encoding?.ToTensors(options.Device);
            return new AltCLIPInputs
            {
                InputIds = tensors?["input_ids"],
                AttentionMask = tensors?.GetValueOrDefault("attention_mask"),
                TokenTypeIds = tensors?.GetValueOrDefault("token_type_ids"),
                SpecialTokensMask = tensors?.GetValueOrDefault("special_tokens_mask"),
                PixelValues = pictures?.PixelValues,
                Encoding = encoding,
                ImageIndices = pictures?.Indices ?? [],
                SkippedImages = pictures?.Skipped ?? [],
            };
        }
        catch
        {
            pictures?.Dispose();
            throw;
        }
    }

    /// <summary>Nothing is held that has to be released; for <c>using</c> beside the model.</summary>
    public void Dispose()
    {
    }
}
