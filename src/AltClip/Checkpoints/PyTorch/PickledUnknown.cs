namespace AltClip.Checkpoints.PyTorch;

/// <summary>
/// A value of a class or function that no state dict needs. It was not made: of it, only what makes it is known, and all that the pickle
/// does to it is passed over.
/// </summary>
/// <param name="Name">What Python would call to make it, such as <c>torch.device</c>.</param>
internal sealed record PickledUnknown(string Name);
