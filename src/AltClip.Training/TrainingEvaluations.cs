namespace AltClip.Training;

/// <summary>What evaluations gave so far.</summary>
/// <param name="Best">The best, which is the lowest; null before the first.</param>
/// <param name="SinceBest">How many there were since.</param>
internal readonly record struct TrainingEvaluations(double? Best, int SinceBest)
{
    /// <summary>With one more, which is a number.</summary>
    public TrainingEvaluations With(double value) => value < (Best ?? double.PositiveInfinity) ? new(value, 0) : this with { SinceBest = SinceBest + 1 };
}
