using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Which weights of a folder are loaded, and how.</summary>
/// <param name="Dtype">The weights' type; the file's are converted.</param>
/// <param name="Device">Where the weights go; the CPU if null.</param>
/// <param name="Variant">The part of the weights' file names that tells them from others, such as <c>fp16</c>; null for those without one.</param>
/// <param name="Strict">Whether tensors that the model has no place for are an error.</param>
/// <param name="Mapped">Whether what needn't be converted stays in the mapped file; else nothing of the file is used once it is loaded.</param>
/// <param name="AsStored">
/// Which parameters keep the file's type, each in a map of its own, so that it can outlive the others; null for none.
/// </param>
internal sealed record LoadOptions(
    ScalarType Dtype = ScalarType.Float32, Device? Device = null, string? Variant = null, bool Strict = false, bool Mapped = true,
    Func<string, bool>? AsStored = null);
