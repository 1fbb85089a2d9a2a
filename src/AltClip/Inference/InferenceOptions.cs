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
    /// Whether a model that is loaded to be packed leaves the word embedding, the one part that isn't packed, in the mapped file. It then takes memory
    /// only for the rows that texts use, and the file must stay as it is: replacing or deleting it is harmless, but writing into it changes the
    /// embeddings, and cutting it short kills the process. If not, it is copied, 1 GB of the full-size model in float32.
    /// </summary>
    public bool Mapped { get; init; } = true;

    /// <summary>
    /// What runs the encoders: <c>Panels</c> or <c>PanelsAvx2</c>, this library's own code for Linux on processors with AVX-512 or AVX2;
    /// <c>OneDnn</c>, for x64; or <c>Libtorch</c>, which supports everything. If null, what the environment variable <c>ALTCLIP_KERNEL</c> names or,
    /// where that isn't set either, the fastest that supports an encoder here, as measured.
    /// </summary>
    public string? Kernel { get; init; }

    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Precision))
            throw new ArgumentException($"The precision is {Precision}; expected one of {string.Join(", ", Enum.GetNames<InferencePrecision>())}.", nameof(Precision));
        if (Towers is 0 or > InferenceTowers.Both)
            throw new ArgumentException($"The towers are {Towers}; expected {nameof(InferenceTowers.Text)}, {nameof(InferenceTowers.Image)} or both.", nameof(Towers));
    }
}
