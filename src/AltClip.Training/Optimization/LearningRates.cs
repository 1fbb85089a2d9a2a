namespace AltClip.Training.Optimization;

/// <summary>
/// The learning rate of each step, counted from 0, as open_clip and transformers define it. They differ in the warm-up: open_clip's begins at
/// a part of the rate and reaches it in its last step; transformers' begins at 0 and is there one step later.
/// </summary>
/// <example>
/// <code>
/// var rates = LearningRates.ConstantWithCooldown(1e-4, warmup: 50, steps: 1_000, cooldown: 200);
/// var options = new TrainerOptions { Steps = 1_000, LearningRate = 1e-4, Schedule = rates };
/// </code>
/// </example>
public static class LearningRates
{
    /// <summary>open_clip's <c>cosine_lr</c>: a linear rise, then half a cosine, whose last step is just above the final rate.</summary>
    /// <param name="rate">The rate after the warm-up.</param>
    /// <param name="warmup">The steps of the warm-up.</param>
    /// <param name="steps">All steps.</param>
    /// <param name="finalRate">What the cosine falls to; 0 in open_clip.</param>
    public static Func<long, double> Cosine(double rate, long warmup, long steps, double finalRate = 0)
    {
        Check(rate, warmup);
        FiniteNumber.ThrowUnlessFinite(finalRate, nameof(finalRate));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(steps, warmup);
        return step => step < warmup ? Warm(rate, warmup, step)
            : finalRate + (rate - finalRate) * (1 + Math.Cos(Math.PI * (step - warmup) / (steps - warmup))) / 2;
    }

    /// <summary>open_clip's <c>const_lr</c>: a linear rise, then always the same.</summary>
    /// <inheritdoc cref="Cosine"/>
    public static Func<long, double> Constant(double rate, long warmup)
    {
        Check(rate, warmup);
        return step => step < warmup ? Warm(rate, warmup, step) : rate;
    }

    /// <summary>open_clip's <c>const_lr_cooldown</c>: a linear rise, the same rate, and a fall in the last steps.</summary>
    /// <param name="rate">The rate after the warm-up.</param>
    /// <param name="warmup">The steps of the warm-up.</param>
    /// <param name="steps">All steps.</param>
    /// <param name="cooldown">How many of them, the last, it falls in.</param>
    /// <param name="power">The power of the fall; 1 for a line.</param>
    /// <param name="finalRate">What it falls to.</param>
    public static Func<long, double> ConstantWithCooldown(
        double rate, long warmup, long steps, long cooldown, double power = 1, double finalRate = 0)
    {
        Check(rate, warmup);
        FiniteNumber.ThrowUnlessFinite(finalRate, nameof(finalRate));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cooldown);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, cooldown);
        var start = steps - cooldown;
        return step => step < warmup ? Warm(rate, warmup, step)
            : step < start ? rate
            : Math.Pow(1 - (double)(step - start) / cooldown, power) * (rate - finalRate) + finalRate;
    }

    /// <summary>transformers' <c>get_cosine_schedule_with_warmup</c>.</summary>
    /// <inheritdoc cref="Cosine"/>
    public static Func<long, double> TransformersCosine(double rate, long warmup, long steps)
    {
        Check(rate, warmup);
        return step => step < warmup ? WarmFromZero(rate, warmup, step)
            : rate * Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((double)(step - warmup) / Math.Max(1, steps - warmup)))));
    }

    /// <summary>transformers' <c>get_linear_schedule_with_warmup</c>: a rise to the rate, then a line to 0.</summary>
    /// <inheritdoc cref="Cosine"/>
    public static Func<long, double> TransformersLinear(double rate, long warmup, long steps)
    {
        Check(rate, warmup);
        return step => step < warmup ? WarmFromZero(rate, warmup, step)
            : rate * Math.Max(0, (double)(steps - step) / Math.Max(1, steps - warmup));
    }

    /// <summary>transformers' <c>get_constant_schedule_with_warmup</c>.</summary>
    /// <inheritdoc cref="Cosine"/>
    public static Func<long, double> TransformersConstant(double rate, long warmup)
    {
        Check(rate, warmup);
        return step => step < warmup ? WarmFromZero(rate, warmup, step) : rate;
    }

    private static double Warm(double rate, long warmup, long step) => rate * (step + 1) / warmup;

    private static double WarmFromZero(double rate, long warmup, long step) => rate * ((double)step / Math.Max(1, warmup));

    private static void Check(double rate, long warmup)
    {
        FiniteNumber.ThrowUnlessFinite(rate, nameof(rate));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        ArgumentOutOfRangeException.ThrowIfNegative(warmup);
    }
}
