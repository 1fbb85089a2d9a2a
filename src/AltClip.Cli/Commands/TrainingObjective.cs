using AltClip.Training.Data;
using AltClip.Training.Distributed;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>What a run makes small: batches, and the loss of each.</summary>
internal abstract class TrainingObjective : IDisposable
{
    /// <summary>How many batches each process has in an epoch.</summary>
    public abstract long BatchesPerEpoch { get; }

    /// <summary>Parameters, by names or patterns, that have no part in it.</summary>
    public virtual IReadOnlyList<string> Frozen => [];

    /// <summary>The module that trains: the model or its adapter, with what else learns.</summary>
    public virtual nn.Module TrainedWith(nn.Module model) => model;

    /// <summary>Computes the loss of a batch, in the caller's scope.</summary>
    /// <param name="batch">Its number.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    public abstract Tensor Loss(long batch, CancellationToken cancellationToken);

    /// <summary>What measures the model while it trains.</summary>
    public abstract ValidationRun Validation(ValidationRequest request);

    public abstract void Dispose();
}

/// <summary>What an objective is made for.</summary>
/// <param name="Model">The model that trains.</param>
/// <param name="Processor">Prepares pictures and texts.</param>
/// <param name="Processing">How.</param>
/// <param name="Settings">How it trains.</param>
/// <param name="Group">The processes that train together; null for this one alone.</param>
internal sealed record TrainingContext(
    AltCLIPModel Model, AltCLIPProcessor Processor, AltCLIPProcessorOptions Processing, TrainingSettings Settings, ProcessGroup? Group)
{
    /// <summary>How batches are made.</summary>
    public BatchLoaderOptions Batches => new()
    {
        BatchSize = Settings.BatchSize,
        Seed = Settings.Seed,
        Rank = Group?.Rank ?? 0,
        WorldSize = Group?.WorldSize ?? 1,
    };
}
