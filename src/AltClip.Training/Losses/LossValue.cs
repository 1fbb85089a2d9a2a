using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>What a function of a caller's gave as a loss.</summary>
internal static class LossValue
{
    /// <summary>Refuses what is no loss.</summary>
    /// <param name="loss">What was given.</param>
    /// <param name="whose">What it is, for the message: <c>The loss of batch 3</c>.</param>
    /// <exception cref="InvalidOperationException">It is null, disposed, no single number, or one of another kind than floating point.</exception>
    public static Tensor Checked(Tensor? loss, string whose)
    {
        var found = loss is null ? "null"
            : loss.IsInvalid ? "disposed, as it is when the output that it is of was"
            : loss.numel() != 1 ? $"of shape {Check.Text(loss.shape)}"
            : !loss.is_floating_point() ? $"of type {loss.dtype}"
            : null;
        return found is null ? loss! : throw new InvalidOperationException($"{whose} is {found}; expected a floating-point scalar that is not disposed.");
    }
}
