using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>What some steps of training came to.</summary>
/// <param name="Losses">Of each step the mean of its batches' losses.</param>
/// <param name="GradientNorms">Of each step the norm of all gradients before clipping.</param>
/// <param name="Parameters">All parameters after the last step, by the reference's names.</param>
internal sealed record Trajectory(IReadOnlyList<double> Losses, IReadOnlyList<double> GradientNorms, IReadOnlyDictionary<string, Tensor> Parameters);
