using AltClip.Imaging;
using AltClip.Modeling.Adapters;
using AltClip.Training;
using AltClip.Training.Data;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary>A run of <c>altclip train</c>.</summary>
/// <param name="console">Where it tells how it goes.</param>
/// <param name="source">The folder of the model that it starts from.</param>
/// <param name="adapters">The adapters that are put into it first.</param>
/// <param name="output">The folder that it writes to.</param>
/// <param name="checkpoint">The file of its checkpoint.</param>
/// <param name="logFile">The file of its log.</param>
internal sealed class TrainingRun(
    CliConsole console, string source, IReadOnlyList<AdapterSource> adapters, string output, string checkpoint, string logFile)
{
    /// <summary>Trains, from the checkpoint if there is one, and writes the model.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the checkpoint has all steps that were taken.</exception>
    public Task<TrainingResult> RunAsync(
        IReadOnlyList<CaptionedImage> examples, TrainingSettings settings, LoraRequest? lora, CancellationToken cancellationToken) =>
        Task.Run(() => Run(examples, settings, lora, cancellationToken), CancellationToken.None);

    private TrainingResult Run(IReadOnlyList<CaptionedImage> examples, TrainingSettings settings, LoraRequest? lora, CancellationToken cancellationToken)
    {
        using var processor = AltCLIPProcessor.FromPretrained(source);
        using var model = AltCLIPModel.FromPretrained(source, device: settings.Device);
        LoraAdapter.MergePretrained(model, adapters);
        // From the seed, whether or not there is a checkpoint that it is going to be filled from.
        using (torch.manual_seed(settings.Seed)) { }
        using var adapter = lora is null ? null : LoraAdapter.Attach(model, lora.Options);
        using var loss = settings.CreateLoss();
        if (settings.Device is { } device) loss.to(device);
        var processing = new AltCLIPProcessorOptions
        {
            Text = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst },
            Device = settings.Device,
            Images = new() { OnError = settings.SkipUnreadable ? ImageErrorHandling.Skip : ImageErrorHandling.Throw },
        };
        using var loader = BatchLoader.ImageText(examples, processor, new() { BatchSize = settings.BatchSize, Seed = settings.Seed }, processing: processing);
        var options = settings.ForTrainer(loader.BatchesPerEpoch!.Value, checkpoint);
        using var trainer = new Trainer(loss.TrainedWith(adapter is null ? model : adapter), n =>
        {
            using var batch = loader.Get(n, cancellationToken);
            var output = model.forward(batch.Inputs);
            return loss.forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
        }, options);
        if (trainer.Resume()) console.Note($"Going on after step {trainer.Step} of {options.Steps}.");
        console.Kept = () => trainer.Step == 0 ? "Stopped before the first step; there is no checkpoint."
            : $"Stopped after step {trainer.Step} of {options.Steps}; the same command with --resume goes on.";
        var last = Train(trainer, options, cancellationToken);
        Save(model, adapter, processor, lora?.Merge ?? false);
        return new TrainingResult(trainer.Step, last?.Loss, last?.Elapsed.TotalSeconds ?? 0, output, adapter is not null && !lora!.Merge);
    }

    private TrainingProgress? Train(Trainer trainer, TrainerOptions options, CancellationToken cancellationToken)
    {
        TrainingProgress? last = null;
        using var display = new TrainingDisplay(console, options.Steps);
        using var log = new TrainingLog(logFile)
        {
            Also = progress =>
            {
                last = progress;
                display.Show(progress);
            },
        };
        try
        {
            trainer.Run(log, cancellationToken);
            return last;
        }
        catch (OperationCanceledException) when (trainer.Step > 0)
        {
            trainer.SaveCheckpoint();
            throw;
        }
    }

    private void Save(AltCLIPModel model, LoraAdapter? adapter, AltCLIPProcessor processor, bool merge)
    {
        if (adapter is not null && !merge)
        {
            adapter.SavePretrained(output);
            return;
        }
        adapter?.Merge();
        processor.SavePretrained(output);
        model.SavePretrained(output);
    }
}

/// <summary>What a run came to.</summary>
/// <param name="Steps">The steps taken, those of earlier runs included.</param>
/// <param name="Loss">The last step's loss; null if there was nothing left to do.</param>
/// <param name="Seconds">The time that this run trained.</param>
/// <param name="Output">The folder.</param>
/// <param name="Adapter">Whether it has an adapter and not a model.</param>
internal sealed record TrainingResult(long Steps, double? Loss, double Seconds, string Output, bool Adapter);
