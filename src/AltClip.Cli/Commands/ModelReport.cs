using AltClip.Configuration;
using AltClip.Hub;

namespace AltClip.Cli.Commands;

/// <summary>What <c>altclip info</c> says of a model.</summary>
internal sealed record ModelReport(
    string Model, int ProjectionDim, TextEncoderReport Text, VisionEncoderReport Vision, TokenizerReport? Tokenizer, string? Pictures,
    WeightsReport? Weights, IReadOnlyList<AdapterReport>? Adapters = null, IReadOnlyList<KernelReport>? Kernels = null)
{
    /// <summary>The small files of a model, all that is downloaded of one of the Hub. Without a tokenizer or image settings it is one, too.</summary>
    public static IReadOnlyList<HubFileGroup> Files { get; } = [.. ConfigFile.Files, .. AltCLIPProcessor.Files.Select(group => group with { IsRequired = false })];

    /// <summary>Reads a model's small files, and what its weights files say of themselves.</summary>
    /// <param name="name">What it is called: a folder, or a model of the Hub.</param>
    /// <param name="folder">The folder that has its small files.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="ConfigurationException">It is the configuration of no such model.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read.</exception>
    /// <exception cref="ConfigurationException">The image settings can't be read.</exception>
    public static Task<ModelReport> ReadAsync(string name, string folder, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            var config = AltCLIPConfig.FromPretrained(folder);
            var (text, vision) = (config.TextConfig, config.VisionConfig);
            var tokenizer = IfThere(() => XLMRobertaTokenizer.FromPretrained(folder));
            cancellationToken.ThrowIfCancellationRequested();
            var images = IfThere(() => CLIPImageProcessor.FromPretrained(folder));
            cancellationToken.ThrowIfCancellationRequested();
            return new ModelReport(
                name, config.ProjectionDim,
                new(text.NumHiddenLayers, text.HiddenSize, text.NumAttentionHeads, text.VocabSize, text.MaxPositionEmbeddings - text.PadTokenId - 1),
                new(vision.NumHiddenLayers, vision.HiddenSize, vision.NumAttentionHeads, vision.ImageSize, vision.PatchSize),
                tokenizer is null ? null : new(tokenizer.TotalVocabSize, tokenizer.ModelMaxLength), images is null ? null : Prepared(images.Config),
                await WeightsReport.ReadAsync(name, cancellationToken));
        }, cancellationToken);

    private static T? IfThere<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static string Prepared(CLIPImageProcessorConfig config)
    {
        List<string> steps = [];
        if (config.DoResize)
        {
            steps.Add(config.Size.ShortestEdge is { } edge
                ? $"shorter edge to {edge}"
                : $"to {config.Size.Width} x {config.Size.Height}");
            steps[0] += $" ({config.Resample.ToString().ToLowerInvariant()})";
        }
        if (config.DoCenterCrop) steps.Add($"middle {config.CropSize.Width} x {config.CropSize.Height}");
        if (config.DoNormalize) steps.Add("normalised");
        return steps.Count == 0 ? "as they are" : string.Join(", ", steps);
    }
}

/// <summary>A text encoder.</summary>
internal sealed record TextEncoderReport(int Layers, int Width, int Heads, int Vocabulary, int MaxTokens);

/// <summary>An image encoder.</summary>
internal sealed record VisionEncoderReport(int Layers, int Width, int Heads, int ImageSize, int PatchSize);

/// <summary>A tokenizer.</summary>
internal sealed record TokenizerReport(int Pieces, int? ModelMaxLength);
