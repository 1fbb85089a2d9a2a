using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>Which process of how many this is, and where they meet.</summary>
public sealed record ProcessGroupOptions
{
    /// <summary>The number of this process, from 0.</summary>
    public required int Rank { get; init; }

    /// <summary>How many processes there are.</summary>
    public required int WorldSize { get; init; }

    /// <summary>The number of this process among those of its machine, from 0; null if nobody said.</summary>
    public int? LocalRank { get; init; }

    /// <summary>
    /// The GPU whose tensors go to other processes' GPUs by NCCL: one that no other process has, such as <c>cuda:N</c> of the <see cref="LocalRank"/>. Null for
    /// Gloo alone, which sends tensors of any device, by way of the processor's memory. All processes of a group have one, or none.
    /// </summary>
    public Device? Device { get; init; }

    /// <summary>The name or address of the machine of rank 0, as the others reach it.</summary>
    public string MasterAddress { get; init; } = "127.0.0.1";

    /// <summary>The port that rank 0 listens at.</summary>
    public int MasterPort { get; init; } = 29500;

    /// <summary>
    /// How long a process waits for the others before it gives up: when they join, and in each operation. A process that ends is noticed at once, and
    /// rank 0 may write checkpoints and evaluate as long as it takes; this is for one that hangs, or a network that is away.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Reads the variables that torchrun sets (<c>WORLD_SIZE</c>, <c>RANK</c>, <c>LOCAL_RANK</c>, <c>MASTER_ADDR</c>, <c>MASTER_PORT</c>), or in a step
    /// of <c>srun</c> those of SLURM: <c>SLURM_STEP_NUM_TASKS</c>, <c>SLURM_PROCID</c>, <c>SLURM_LOCALID</c>, the first node of <c>SLURM_STEP_NODELIST</c>, and a port
    /// that follows from the numbers of job and step. <c>MASTER_ADDR</c> and <c>MASTER_PORT</c> hold there too, if they are set.
    /// </summary>
    /// <returns>The options; null if nothing says that there is more than this process.</returns>
    /// <exception cref="ArgumentException">A variable is missing or has no sense; the message names it.</exception>
    public static ProcessGroupOptions? FromEnvironment() => ProcessEnvironment.Read(Environment.GetEnvironmentVariable);

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, WorldSize);
        if (LocalRank is { } local) ArgumentOutOfRangeException.ThrowIfNegative(local, nameof(LocalRank));
        if (Device is { type: not DeviceType.CUDA }) throw new ArgumentException($"It is {Device}; expected a GPU of NVIDIA's, such as cuda:0, or null.", nameof(Device));
        ArgumentException.ThrowIfNullOrWhiteSpace(MasterAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(MasterPort, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MasterPort, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromDays(7));
    }
}
