using TorchSharp;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>How <see cref="AltCLIPPipeline"/> computes.</summary>
public sealed record AltCLIPPipelineOptions
{
    private readonly int? _textBatchSize, _imageBatchSize;

    /// <summary>The precision of the products. Default: float32, transformers' numbers.</summary>
    public InferencePrecision Precision { get; init; } = InferencePrecision.Float32;

    /// <summary>Where the model goes; null for the CPU.</summary>
    public Device? Device { get; init; }

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

    /// <summary>How texts are encoded. By default, texts that are too long for the model are cut.</summary>
    public TokenizerOptions Text { get; init; } = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst };

    /// <summary>How pictures are prepared.</summary>
    public ImageProcessingOptions Images { get; init; } = new();

    private bool IsOnCpu => Device is null || Device.type == DeviceType.CPU;

    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    internal void Validate()
    {
        new InferenceOptions { Precision = Precision }.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TextBatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ImageBatchSize);
        ArgumentNullException.ThrowIfNull(Text);
        ArgumentNullException.ThrowIfNull(Images);
    }
}
