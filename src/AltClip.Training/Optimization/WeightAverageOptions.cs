namespace AltClip.Training.Optimization;

/// <summary>
/// An average of the weights after each step, in which later steps weigh more: <c>e = d e + (1 - d) p</c>, beginning with the weights before the
/// first step. It often does better than the weights themselves. timm's <c>ModelEmaV2</c>, and with <see cref="UpdateAfterStep"/> its
/// <c>ModelEmaV3</c>.
/// </summary>
public sealed record WeightAverageOptions
{
    /// <summary>The decay d, at least 0 and below 1. 0.999 averages over about a thousand steps.</summary>
    public required double Decay { get; init; }

    /// <summary>
    /// Null for a constant decay from the first step on. Else the average is a copy of the weights until this many steps and one more were taken,
    /// and only then begins to average.
    /// </summary>
    public long? UpdateAfterStep { get; init; }

    /// <summary>Whether the decay rises to <see cref="Decay"/>, so that a short run's average doesn't stay where it began.</summary>
    public bool UseWarmup { get; init; }

    /// <summary>The lowest decay while it rises.</summary>
    public double MinDecay { get; init; }

    /// <summary>After k steps the rising decay is 1 - (1 + k / gamma)^-power.</summary>
    public double WarmupGamma { get; init; } = 1;

    /// <summary>See <see cref="WarmupGamma"/>.</summary>
    public double WarmupPower { get; init; } = 2.0 / 3;

    /// <summary>The decay with which a step's weights come in.</summary>
    /// <param name="step">The step, counted from 1.</param>
    public double DecayAt(long step)
    {
        if (UpdateAfterStep is not { } start) return Decay;
        var passed = step - start - 1;
        if (passed <= 0) return 0;
        return UseWarmup ? Math.Max(MinDecay, Math.Min(Decay, 1 - Math.Pow(1 + passed / WarmupGamma, -WarmupPower))) : Decay;
    }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        ThrowUnlessBelowOne(Decay, nameof(Decay));
        ThrowUnlessBelowOne(MinDecay, nameof(MinDecay));
        ArgumentOutOfRangeException.ThrowIfNegative(UpdateAfterStep ?? 0, nameof(UpdateAfterStep));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WarmupGamma);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WarmupPower);
        if (UseWarmup && UpdateAfterStep is null) throw new ArgumentException($"Given without {nameof(UpdateAfterStep)}.", nameof(UseWarmup));
    }

    /// <exception cref="ArgumentOutOfRangeException">A value isn't at least 0 and below 1.</exception>
    internal static void ThrowUnlessBelowOne(double value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, 1, name);
    }
}
