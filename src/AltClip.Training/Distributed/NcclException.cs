namespace AltClip.Training.Distributed;

/// <summary>What NCCL or CUDA said when it failed; a <see cref="ProcessGroupException"/> follows from it.</summary>
internal sealed class NcclException(string message) : Exception(message);
