using AltClip.Training;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Trains one phase after the other, each from its last checkpoint if it has one, and writes down what comes out.</summary>
internal sealed class Training(EmojiModel model, string folder, RunLog log)
{
    private const int Workers = 2;
    private const int LogEvery = 20;

    /// <summary>Whether a phase has a checkpoint, from which it would go on.</summary>
    public bool HasBegun(Phase phase) => File.Exists(Checkpoint(phase));

    /// <summary>Runs a phase to its end; one that was finished before only has its weights loaded.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="frozen">The parameters that don't train.</param>
    /// <param name="backward">Adds the gradients of a step and returns its loss.</param>
    /// <param name="measure">Takes scores now and then, and at the end.</param>
    /// <param name="cancellationToken">Stops between steps; the next run goes on from the last checkpoint.</param>
    public void Run(
        Phase phase, string[] frozen, Func<Replicas, long, double> backward, Action<long> measure, CancellationToken cancellationToken)
    {
        Replicas? replicas = null;
        using var trainer = new Trainer(model, step => tensor(backward(replicas!, step)), new TrainerOptions
        {
            Steps = phase.Steps,
            LearningRate = phase.LearningRate,
            FinalLearningRate = phase.FinalLearningRate,
            WarmupSteps = Math.Min(50, phase.Steps / 2),
            WeightDecay = 0.1,
            Frozen = frozen,
            // With AdamW alone the model learns far slower: the README says how much.
            Muon = ["clip.*.encoder.layer*"],
            CheckpointFile = Checkpoint(phase),
            CheckpointEvery = 50,
        });
        using var copies = replicas = new Replicas(model.clip, Workers);
        trainer.Resume();
        var (sum, steps) = (0.0, 0);
        trainer.Run(new OnProgress(step =>
        {
            (sum, steps) = (sum + step.Loss, steps + 1);
            if (step.Step % LogEvery == 0)
            {
                log.Write(phase.Name, step.Step, "loss", sum / steps);
                log.Write(phase.Name, step.Step, "seconds", step.Elapsed.TotalSeconds);
                (sum, steps) = (0, 0);
            }
            if (step.Step % phase.MeasureEvery == 0 || step.Step == phase.Steps) measure(step.Step);
        }), cancellationToken);
    }

    private string Checkpoint(Phase phase) => Path.Combine(folder, phase.Name + ".safetensors");

    /// <summary>Tells on the training thread; Progress would tell on others, later.</summary>
    private sealed class OnProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
