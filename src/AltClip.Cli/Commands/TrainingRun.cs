using AltClip.Imaging;
using AltClip.Modeling.Adapters;
using AltClip.Training;
using AltClip.Training.Data;
using AltClip.Training.Distributed;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary>A run of <c>altclip train</c>.</summary>
/// <param name="console">Where it tells how it goes.</param>
/// <param name="source">The folder of the model that it starts from.</param>
/// <param name="adapters">The adapters that are put into it first.</param>
/// <param name="output">The folder that it writes to.</param>
/// <param name="checkpoint">The file of its checkpoint.</param>
/// <param name="logFile">The file of its log.</param>
/// <param name="group">The processes that train together, of which rank 0 tells and writes; null for this one alone.</param>
/// <param name="localLoss">Whether each of them compares its own pairs only with all.</param>
internal sealed class TrainingRun(
    CliConsole console, string source, IReadOnlyList<AdapterSource> adapters, string output, string checkpoint, string logFile,
    ProcessGroup? group, bool localLoss)
{
    private readonly bool _isFirst = group is null or { Rank: 0 };

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
        var batches = new BatchLoaderOptions
        {
            BatchSize = settings.BatchSize,
            Seed = settings.Seed,
            Rank = group?.Rank ?? 0,
            WorldSize = group?.WorldSize ?? 1,
        };
        using var loader = BatchLoader.ImageText(examples, processor, batches, processing: processing);
        var options = settings.ForTrainer(loader.BatchesPerEpoch!.Value, checkpoint) with { ProcessGroup = group };
        using var gathered = group is null ? null : new GatheredLoss(loss, group, localLoss);
        // Processes stop together, between steps.
        var whileLoading = group is null ? cancellationToken : default;
        using var trainer = new Trainer(loss.TrainedWith(adapter is null ? model : adapter), n =>
        {
            using var batch = loader.Get(n, whileLoading);
            var output = model.forward(batch.Inputs);
            return (gathered ?? loss).forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
        }, options);
        if (trainer.Resume() && _isFirst) console.Note($"Going on after step {trainer.Step} of {options.Steps}.");
        var last = Train(trainer, options, cancellationToken);
        if (_isFirst) Save(model, adapter, processor, lora?.Merge ?? false);
        group?.Barrier();
        return new TrainingResult(trainer.Step, last?.Loss, last?.Elapsed.TotalSeconds ?? 0, output, adapter is not null && !lora!.Merge);
    }

    private TrainingProgress? Train(Trainer trainer, TrainerOptions options, CancellationToken cancellationToken)
    {
        TrainingProgress? last = null;
        using var display = _isFirst ? new TrainingDisplay(console, options.Steps) : null;
        using var log = new TrainingLog(logFile)
        {
            Also = progress =>
            {
                last = progress;
                display?.Show(progress);
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
            display?.Dispose();
            if (_isFirst) console.Note($"Stopped after step {trainer.Step} of {options.Steps}; the same command with --resume goes on.");
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
