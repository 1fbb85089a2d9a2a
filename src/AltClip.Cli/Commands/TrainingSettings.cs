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

    /// <summary>Where it computes; null for the processor.</summary>
    public Device? Device { get; init; }

    public required bool IsMixedPrecision { get; init; }

    public required bool GradientCheckpointing { get; init; }

    public required long CheckpointEvery { get; init; }

    public required long Seed { get; init; }

    public required bool SkipUnreadable { get; init; }

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
        };
    }
}
