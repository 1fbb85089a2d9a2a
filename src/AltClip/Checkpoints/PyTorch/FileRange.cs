namespace AltClip.Checkpoints.PyTorch;

/// <summary>Consecutive bytes of a file.</summary>
internal readonly record struct FileRange(long Offset, long Length);
