using AltClip.Inference;

namespace AltClip;

/// <summary>How a model is made ready for <see cref="AltCLIPInference"/>.</summary>
public sealed record InferenceOptions
{
    /// <summary>The numbers to compute in.</summary>
    public InferencePrecision Precision { get; init; }

    /// <summary>The encoders to make ready. The weights of one that is not named are not touched.</summary>
    public InferenceTowers Towers { get; init; } = InferenceTowers.Both;

    /// <summary>
    /// Whether the model's own weights are freed, layer by layer while they are packed. The model is disposed then and can't be used again.
    /// </summary>
    public bool ReleaseSourceWeights { get; init; }

    /// <summary>
    /// Whether a model that is loaded to be packed leaves the word embedding, the one part that isn't packed, in its file, where that is on the CPU and
    /// there are no adapters. The rows that texts use are then read from the open file, and held against digests of when it was loaded (8 bytes a
    /// row): replacing or deleting the file is harmless, and after it was written into or cut short texts are refused with a
    /// <see cref="CheckpointException"/> that names it. If not, the embedding is copied, 1 GB of the full-size model in float32, and the file isn't
    /// looked at any more. Until it is loaded, the file must stay as it is in either case.
    /// </summary>
    public bool Mapped { get; init; } = true;

    /// <summary>
    /// What runs the encoders: <c>Panels</c> or <c>PanelsAvx2</c>, this library's own code for Linux on processors with AVX-512 or AVX2;
    /// <c>OneDnn</c>, for x64; or <c>Libtorch</c>, which supports everything. If null, what the environment variable <c>ALTCLIP_KERNEL</c> names or,
    /// where that isn't set either, the fastest that supports an encoder here, as measured.
    /// </summary>
    public string? Kernel { get; init; }

    /// <summary>
    /// Whether <c>calibration.safetensors</c> beside the weights, which <c>altclip quantize</c> writes, is left alone. If not, int8 heeds it where a model
    /// is loaded to be packed on the CPU, without adapters and without a variant; it is refused where it belongs to other weights.
    /// </summary>
    public bool IgnoreCalibration { get; init; }

    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Precision))
            throw new ArgumentException($"The precision is {Precision}; expected one of {string.Join(", ", Enum.GetNames<InferencePrecision>())}.", nameof(Precision));
        if (Towers is 0 or > InferenceTowers.Both)
            throw new ArgumentException($"The towers are {Towers}; expected {nameof(InferenceTowers.Text)}, {nameof(InferenceTowers.Image)} or both.", nameof(Towers));
    }
}
