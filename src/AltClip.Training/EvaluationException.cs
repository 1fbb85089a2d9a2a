using System.Globalization;

namespace AltClip.Training;

/// <summary>
/// <see cref="TrainerOptions.Evaluate"/> gave what is no number, of which can't be told whether it is better. The step before it was taken; the
/// checkpoints are those of before.
/// </summary>
public sealed class EvaluationException : AltClipException
{
    internal EvaluationException(long step, double value) : base(string.Create(
        CultureInfo.InvariantCulture, $"The evaluation is {value} after step {step}; expected a number that is lower where the model is better.")) => Step = step;

    /// <summary>The step, counted from 1, after which it was asked.</summary>
    public long Step { get; }
}
