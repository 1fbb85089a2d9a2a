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
}
