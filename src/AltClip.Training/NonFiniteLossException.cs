using System.Globalization;

namespace AltClip.Training;

/// <summary>
/// The loss or its gradient became infinite or not a number. The step was not taken: the weights are those of the step before, and the last
/// checkpoint is as it was.
/// </summary>
public sealed class NonFiniteLossException : AltClipException
{
    internal NonFiniteLossException(long step, double loss, double gradientNorm) : base(string.Create(
        CultureInfo.InvariantCulture, $"In step {step} the loss is {loss} and the norm of the gradients {gradientNorm}; expected finite numbers."))
    {
        Step = step;
        Loss = loss;
        GradientNorm = gradientNorm;
    }

    /// <summary>The step, counted from 1, that was not taken.</summary>
    public long Step { get; }

    /// <summary>Its loss.</summary>
    public double Loss { get; }

    /// <summary>The norm of all its gradients together.</summary>
    public double GradientNorm { get; }
}
