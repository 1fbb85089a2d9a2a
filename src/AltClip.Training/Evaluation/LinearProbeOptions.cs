namespace AltClip.Training.Evaluation;

/// <summary>How linear probes are fitted.</summary>
public record LinearProbeOptions
{
    /// <summary>The decay; null to search for the one that is best on the validation pictures, as CLIP does.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>The most iterations of a fit.</summary>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>The part of each class's training pictures that validates, where a search has no others; 0 to 1.</summary>
    public double ValidationPart { get; init; } = 0.2;

    /// <summary>What the choice of those pictures follows from.</summary>
    public long Seed { get; init; }

    internal void Validate()
    {
        if (WeightDecay is { } decay && !(decay > 0 && double.IsFinite(decay))) throw new ArgumentOutOfRangeException(nameof(WeightDecay), decay, "expected a number above 0.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxIterations);
        if (ValidationPart is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(ValidationPart), ValidationPart, "expected a part between 0 and 1.");
    }
}
