namespace AltClip.Training.Distributed;

/// <summary>
/// Processes that train one model have come apart: weights that must have the very same bits don't. Memory or a processor is faulty, or code
/// changed weights in one process only. The checkpoint before is as it was.
/// </summary>
public sealed class ReplicasDifferException : AltClipException
{
    internal ReplicasDifferException(long step, int rank, string? name) : base(
        $"After step {step} the processes have weights that differ" + (name is null ? "" : $"; rank {rank} has others than rank 0 in {name}") + ".") => Step = step;

    /// <summary>The step, counted from 1, after which it was seen.</summary>
    public long Step { get; }
}
