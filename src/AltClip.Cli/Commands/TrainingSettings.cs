using AltClip.Training;
using AltClip.Training.Losses;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>How <c>altclip train</c> trains.</summary>
internal sealed record TrainingSettings
{
    /// <summary>Makes the loss.</summary>
    public required Func<TrainingLoss> CreateLoss { get; init; }

    /// <summary>The steps; null for <see cref="Epochs"/>.</summary>
    public long? Steps { get; init; }

    /// <summary>How often each example is seen, where steps are not said.</summary>
    public required double Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required int Accumulate { get; init; }

    public required double LearningRate { get; init; }

    /// <summary>The warm-up's part of all steps, 0 to 1.</summary>
    public required double Warmup { get; init; }

    public required double WeightDecay { get; init; }

    public required IReadOnlyList<string> Frozen { get; init; }

    /// <summary>The folder of the CLIP model whose text encoder is learned from; null for none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Where it computes; null for the processor.</summary>
    public Device? Device { get; init; }

    public required bool IsMixedPrecision { get; init; }

    public required bool GradientCheckpointing { get; init; }

    public required long CheckpointEvery { get; init; }

    public required long Seed { get; init; }

    public required bool SkipUnreadable { get; init; }

    /// <summary>What trains, how fast, by what.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>How many pairs at a time gradient caching computes; null for all of a batch at once.</summary>
    public int? GradientCache { get; init; }

    /// <summary>The name of the random change of pictures.</summary>
    public required string Augmentation { get; init; }

    /// <summary>The time after which a checkpoint is written, whatever the steps.</summary>
    public required TimeSpan CheckpointInterval { get; init; }

    /// <summary>Whether events are written for TensorBoard.</summary>
    public required bool TensorBoard { get; init; }

    /// <summary>Whether a checkpoint of a run with other settings is gone on from.</summary>
    public required bool Overrides { get; init; }

    /// <summary>What makes the run what it is, and must be the same when it goes on.</summary>
    public required IReadOnlyDictionary<string, string> Fixed { get; init; }

    /// <summary>The same for the library.</summary>
    /// <param name="batchesPerEpoch">The batches of an epoch.</param>
    /// <param name="checkpointFile">The file for checkpoints.</param>
    public TrainerOptions ForTrainer(long batchesPerEpoch, string checkpointFile)
    {
        var steps = Steps ?? Math.Max(1, (long)Math.Round(Epochs * batchesPerEpoch / Accumulate));
        return new TrainerOptions
        {
            Steps = steps,
            LearningRate = LearningRate,
            WarmupSteps = Math.Min((long)(steps * Warmup), steps - 1),
            WeightDecay = WeightDecay,
            Accumulate = Accumulate,
            Frozen = Frozen,
            ComputeType = IsMixedPrecision ? ScalarType.BFloat16 : null,
            GradientCheckpointing = GradientCheckpointing,
            Seed = Seed,
            CheckpointFile = checkpointFile,
            CheckpointEvery = CheckpointEvery,
            CheckpointInterval = CheckpointInterval,
            Settings = Fixed,
        };
    }
}
