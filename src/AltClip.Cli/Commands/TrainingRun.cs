using System.Globalization;
using AltClip.Imaging;
using AltClip.Modeling.Adapters;
using AltClip.Training;
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
internal sealed class TrainingRun(
    CliConsole console, string source, IReadOnlyList<AdapterSource> adapters, string output, string checkpoint, string logFile,
    ProcessGroup? group)
{
    private readonly bool _isFirst = group is null or { Rank: 0 };

    /// <summary>Trains, from the checkpoint if there is one, and writes the model.</summary>
    /// <param name="create">Makes what it is to make small.</param>
    /// <param name="settings">How it trains.</param>
    /// <param name="lora">The adapters to train; null for the model's own weights.</param>
    /// <param name="validation">What is measured meanwhile; null for nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; the checkpoint has all steps that were taken.</exception>
    public Task<TrainingResult> RunAsync(
        Func<TrainingContext, TrainingObjective> create, TrainingSettings settings, LoraRequest? lora, ValidationRequest? validation,
        CancellationToken cancellationToken) =>
        Task.Run(() => Run(create, settings, lora, validation, cancellationToken), CancellationToken.None);

    private TrainingResult Run(
        Func<TrainingContext, TrainingObjective> create, TrainingSettings settings, LoraRequest? lora, ValidationRequest? validation,
        CancellationToken cancellationToken)
    {
        using var processor = AltCLIPProcessor.FromPretrained(source);
        using var model = AltCLIPModel.FromPretrained(source, device: settings.Device);
        LoraAdapter.MergePretrained(model, adapters);
        // From the seed, whether or not there is a checkpoint that it is going to be filled from.
        using (torch.manual_seed(settings.Seed)) { }
        using var adapter = lora is null ? null : LoraAdapter.Attach(model, lora.Options);
        var processing = new AltCLIPProcessorOptions
        {
            Text = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst },
            Device = settings.Device,
            Images = new() { OnError = settings.SkipUnreadable ? ImageErrorHandling.Skip : ImageErrorHandling.Throw },
        };
        using var objective = create(new(model, processor, processing, settings, group));
        using var board = settings.TensorBoard && _isFirst
            ? new TensorBoardLog(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(logFile))!, "tensorboard")) : null;
        var options = settings.ForTrainer(objective.BatchesPerEpoch, checkpoint);
        options = settings.Recipe.Applied(options with { Frozen = [.. options.Frozen, .. objective.Frozen] }, model) with { ProcessGroup = group };
        TrainingDisplay? display = null;
        TrainingProgress? last = null;
        using var log = new TrainingLog(logFile)
        {
            Also = progress =>
            {
                last = progress;
                display?.Show(progress);
                board?.Report(progress);
            },
        };
        Trainer? running = null;
        if (validation is not null)
        {
            var measuring = objective.Validation(validation);
            options = options with
            {
                Evaluate = () => Told(running!.Step, measuring.Measure(cancellationToken), log, board),
                EvaluateEvery = validation.Every,
                Patience = validation.Patience,
                BestCheckpointFile = validation.KeepsBest ? BestFile : null,
            };
        }
        // Processes stop together, between steps.
        var whileLoading = group is null ? cancellationToken : default;
        using var trainer = running = Create(objective.TrainedWith(adapter is null ? model : adapter), n => objective.Loss(n, whileLoading), options, settings.Frozen);
        if (Resumed(trainer, settings.Overrides) && _isFirst) console.Note($"Going on after step {trainer.Step} of {options.Steps}.");
        // All end in order, as the first one's checkpoint needs the others; one says so.
        console.Kept = () => !_isFirst || LocalProcesses.IsOne ? ""
            : trainer.Step == 0 ? "Stopped before the first step; there is no checkpoint."
            : $"Stopped after step {trainer.Step} of {options.Steps}; the same command with --resume goes on.";
        using (display = _isFirst ? new TrainingDisplay(console, options.Steps) : null) Train(trainer, log, display, cancellationToken);
        var steps = trainer.Step;
        if (validation?.KeepsBest == true && File.Exists(BestFile))
        {
            trainer.LoadBest();
            if (_isFirst) console.Note($"The weights are those after step {trainer.Step}, which measured best.");
        }
        if (options.Average is not null) trainer.TakeAverage();
        FirstProcess.Run(group, () => Save(model, adapter, processor, lora?.Merge ?? false));
        return new TrainingResult(steps, last?.Loss, last?.Elapsed.TotalSeconds ?? 0, output, adapter is not null && !lora!.Merge);
    }

    /// <exception cref="UsageException">What was frozen is all that there is.</exception>
    private static Trainer Create(torch.nn.Module model, Func<long, torch.Tensor> loss, TrainerOptions options, IReadOnlyList<string> frozen)
    {
        try
        {
            return new Trainer(model, loss, options);
        }
        catch (ArgumentException e) when (frozen.Count > 0 && e.ParamName == nameof(model))
        {
            throw new UsageException($"--freeze {string.Join(' ', frozen)} leaves no parameter that trains; expected one at least.");
        }
    }

    private string BestFile => Path.Combine(Path.GetDirectoryName(checkpoint)!, "best.safetensors");

    /// <exception cref="UsageException">The checkpoint is of a run with other settings.</exception>
    private bool Resumed(Trainer trainer, bool overrides)
    {
        try
        {
            return trainer.Resume(overrides);
        }
        catch (TrainingSettingsException e)
        {
            string[] unnoted = [.. e.Differences.Where(setting => setting.Before is null).Select(setting => setting.Name)];
            throw new UsageException(unnoted.Length == 0 ? $"{e.Message} Give what it had, or --override to go on all the same."
                : unnoted.Length == e.Differences.Count ? Unnoted($"'{checkpoint}'")
                : $"{e.Message} {Unnoted("The checkpoint")}");

            string Unnoted(string what) =>
                $"{what} is of an earlier version of altclip, which didn't note {string.Join(", ", unnoted)}: whether they are the same can't be told. If they are, give --override.";
        }
    }

    private double Told(
        long step, (IReadOnlyDictionary<string, double> Metrics, double Value) measured, TrainingLog log, TensorBoardLog? board)
    {
        foreach (var (name, value) in measured.Metrics)
        {
            log.Write("validation/" + name, value);
            board?.Write("validation/" + name, step, value);
        }
        console.Note($"step {step}: validation {string.Join(", ", measured.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:F4}")))}");
        return measured.Value;
    }

    private static void Train(Trainer trainer, TrainingLog log, TrainingDisplay? display, CancellationToken cancellationToken)
    {
        try
        {
            trainer.Run(log, cancellationToken);
        }
        catch (OperationCanceledException) when (trainer.Step > 0)
        {
            trainer.SaveCheckpoint();
            display?.Dispose();
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
