using static TorchSharp.torch;

namespace AltClip;

/// <summary>Choices for one call of <see cref="AltCLIPProcessor.Process"/>.</summary>
public sealed record AltCLIPProcessorOptions
{
    /// <summary>How texts are encoded. Unless another padding is asked for, they are padded to the longest of the call.</summary>
    public TokenizerOptions Text { get; init; } = new();

    /// <summary>How pictures are prepared.</summary>
    public ImageProcessingOptions Images { get; init; } = new();

    /// <summary>Where the tensors go; null for the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>The type of the pictures' values, for a model in another type than float32; null for float32.</summary>
    public ScalarType? Dtype { get; init; }
}
