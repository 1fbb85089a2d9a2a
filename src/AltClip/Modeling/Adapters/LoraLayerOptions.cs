namespace AltClip.Modeling.Adapters;

/// <summary>How one layer is adapted.</summary>
/// <param name="Rank">The rows of A and the columns of B.</param>
/// <param name="Alpha">What the factor is made of.</param>
/// <param name="Scale">The factor: alpha over the rank, or over its root.</param>
internal sealed record LoraLayerOptions(int Rank, double Alpha, double Scale)
{
    /// <summary>The part of the inputs that is left out while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether there is a magnitude vector.</summary>
    public bool UseDora { get; init; }

    /// <summary>Whether B has a bias.</summary>
    public bool HasBias { get; init; }

    /// <summary>What the start took from the layer's weight.</summary>
    public LoraStart Start { get; init; }
}
