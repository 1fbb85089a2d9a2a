using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Which weights of a folder are loaded, and how.</summary>
/// <param name="Dtype">The weights' type; the file's are converted.</param>
/// <param name="Device">Where the weights go; the CPU if null.</param>
/// <param name="Variant">The part of the weights' file names that tells them from others, such as <c>fp16</c>; null for those without one.</param>
/// <param name="Strict">Whether tensors that the model has no place for are an error.</param>
/// <param name="Mapped">Whether what needn't be converted stays in the mapped file; else nothing of the file is used once it is loaded.</param>
/// <param name="Outliving">The parameters that are used when the model is disposed; null for none.</param>
/// <param name="Beside">What was read of the folder before, and must be of the same save; null if nothing was.</param>
/// <param name="CancellationToken">Stops between tensors.</param>
internal sealed record LoadOptions(
    ScalarType Dtype = ScalarType.Float32, Device? Device = null, string? Variant = null, bool Strict = false, bool Mapped = true,
    OutlivingWeights? Outliving = null, FolderStamp? Beside = null, CancellationToken CancellationToken = default);

/// <summary>Parameters that are used when their model is disposed: none of them is a view of the file, which may change by then.</summary>
/// <param name="Has">Whether a parameter is one, by its name in the model.</param>
/// <param name="Dtype">The type to copy them in; null for the file's.</param>
/// <param name="TakeRows">Takes those whose rows can stay in the file, and the model remains without; null where all are copied.</param>
internal sealed record OutlivingWeights(Func<string, bool> Has, ScalarType? Dtype = null, Action<TensorRows>? TakeRows = null);

