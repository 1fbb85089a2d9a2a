using System.Collections.ObjectModel;

namespace AltClip.Training;

/// <summary>One step of a <see cref="TrainingLog"/>.</summary>
/// <param name="Step">The step, counted from 1.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="GradientNorm">The norm of its gradients before clipping.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Evaluation">What the evaluation after it gave, if there was one.</param>
public sealed record TrainingLogPoint(long Step, double Loss, double GradientNorm, double LearningRate, double? Evaluation)
{
    internal static readonly IReadOnlyDictionary<string, double> NoMetrics = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>What <see cref="TrainingLog.Write"/> put beside it, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = NoMetrics;
}
