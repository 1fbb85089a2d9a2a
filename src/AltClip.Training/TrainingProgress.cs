using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Training;

/// <summary>Where a training run is after a step.</summary>
/// <param name="Step">How many steps were taken, earlier runs' included.</param>
/// <param name="Steps">How many there will be.</param>
/// <param name="Loss">The mean loss of the step's batches.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="Elapsed">The time since this run began.</param>
/// <param name="Remaining">The time that the steps left will take at this run's pace.</param>
/// <param name="Evaluation">What <see cref="TrainerOptions.Evaluate"/> gave after the step, if it was asked.</param>
[TypeFormatterSource(typeof(TrainingProgressView))]
public sealed record TrainingProgress(
    long Step, long Steps, double Loss, double GradientNorm, double LearningRate, TimeSpan Elapsed, TimeSpan Remaining,
    double? Evaluation = null);
