namespace AltClip.Inference.Kernels;

/// <summary>A way to run an encoder.</summary>
/// <param name="Kernel">What runs it.</param>
/// <param name="Precision">What it is packed in: the precision asked for, or a higher one where that has no fast product.</param>
internal readonly record struct EncoderCandidate(IEncoderKernel Kernel, InferencePrecision Precision);
