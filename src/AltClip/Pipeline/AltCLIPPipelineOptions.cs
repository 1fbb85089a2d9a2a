using AltClip.Modeling.Adapters;
using AltClip.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>How <see cref="AltCLIPPipeline"/> computes.</summary>
public sealed record AltCLIPPipelineOptions
{
    private readonly int? _textBatchSize, _imageBatchSize;

    /// <summary>The precision of the products. Default: float32, transformers' numbers.</summary>
    public InferencePrecision Precision { get; init; } = InferencePrecision.Float32;

    /// <inheritdoc cref="InferenceOptions.Mapped"/>
    public bool Mapped { get; init; } = true;

    /// <inheritdoc cref="InferenceOptions.IgnoreCalibration"/>
    public bool IgnoreCalibration { get; init; }

    /// <summary>Where the model goes; null for the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>
    /// An adapter that <see cref="AltCLIPPipeline.FromPretrained"/> puts into the model's weights, of Python's <c>peft</c> or this library: a folder,
    /// or its id on the Hub; null for none. Several with their factors are <see cref="Adapters"/>.
    /// </summary>
    public string? Adapter { get; init; }

    /// <summary>Adapters that are put into the model's weights, as <see cref="LoraAdapter.MergePretrained"/> does; <see cref="Adapter"/> is one more.</summary>
    public IReadOnlyList<AdapterSource> Adapters { get; init; } = [];

    /// <summary>How many texts are computed at once. Default: 64, and 256 on a device other than the CPU.</summary>
    public int TextBatchSize
    {
        get => _textBatchSize ?? (IsOnCpu ? 64 : 256);
        init => _textBatchSize = value;
    }

    /// <summary>How many pictures are computed at once. Default: 8, and 128 on a device other than the CPU.</summary>
    public int ImageBatchSize
    {
        get => _imageBatchSize ?? (IsOnCpu ? 8 : 128);
        init => _imageBatchSize = value;
    }

    /// <summary>
    /// How texts are encoded. By default, texts that are too long for the model are cut. One row for each text, the mask that says what is padding, and
    /// padding at the right, since a text's embedding is made of its row's first token: options that ask for something else are refused.
    /// </summary>
    public TokenizerOptions Text { get; init; } = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst };

    /// <summary>How pictures are prepared.</summary>
    public ImageProcessingOptions Images { get; init; } = new();

    private bool IsOnCpu => Device is null || Device.type == DeviceType.CPU;

    internal IReadOnlyList<AdapterSource> AllAdapters => Adapter is null ? Adapters : [new AdapterSource(Adapter), .. Adapters];

    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    internal void Validate()
    {
        new InferenceOptions { Precision = Precision }.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TextBatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ImageBatchSize);
        ArgumentNullException.ThrowIfNull(Adapters);
        foreach (var adapter in AllAdapters) adapter.Validate();
        ArgumentNullException.ThrowIfNull(Text);
        Expect(Text.ReturnOverflowingTokens, nameof(TokenizerOptions.ReturnOverflowingTokens), false, "each text has one embedding");
        Expect(Text.ReturnAttentionMask, nameof(TokenizerOptions.ReturnAttentionMask), true, "padding must not count");
        Expect(Text.PaddingSide ?? Side.Right, nameof(TokenizerOptions.PaddingSide), Side.Right, "a text's embedding is made of its row's first token");
        ArgumentNullException.ThrowIfNull(Images);
    }

    private static void Expect<T>(T found, string name, T expected, string reason)
    {
        if (!EqualityComparer<T>.Default.Equals(found, expected))
            throw new ArgumentException($"{nameof(Text)}.{name} is {found}; expected {expected}: {reason}.", nameof(Text));
    }
}
