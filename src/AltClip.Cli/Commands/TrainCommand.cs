using System.CommandLine;
using AltClip.Shared;
using AltClip.Training.Data;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip train DATA --output FOLDER</c></summary>
internal static class TrainCommand
{
    public static Command Create(CliConsole console) => Create(console, TrainingLosses.All);

    /// <summary>The command with a choice of losses.</summary>
    public static Command Create(CliConsole console, TrainingLosses losses)
    {
        var data = new Argument<string>("DATA") { Description = "Captions as TSV, CSV, JSON Lines or Parquet with columns image and caption; or WebDataset shards, as shards/{000..012}.tar. With --teacher: texts with translations." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The folder for the trained model; its checkpoint and its log are there too.",
            HelpName = "FOLDER",
            Required = true,
        };
        var images = new Option<string?>("--images", "-i") { Description = "The folder of the pictures. Default: the captions' folder.", HelpName = "FOLDER" };
        var model = new ModelOption { Description = "The model to start from: a folder, or owner/name[@revision]. Default: the model that comes with the tool." };
        var settings = new TrainingOptions(losses);
        var table = new CaptionTableOptions();
        var lora = new LoraSettings();
        var teaching = new TeacherOptions();
        var validating = new ValidationOptions();
        var checkpoints = new Option<string?>("--checkpoint-folder") { Description = "The folder for the run's checkpoint. Default: --output.", HelpName = "FOLDER" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the checkpoint if there is one." };
        var log = new Option<string?>("--log") { Description = "The log: CSV, or JSON Lines if it ends in .jsonl. Default: training-log.csv in --output.", HelpName = "FILE" };
        var processes = new ProcessesOption();
        var localLoss = new Option<bool>("--local-loss") { Description = "Where processes train together: each compares its own pairs with all, not all with all. The gradient is the same; the work is less." };
        var json = new JsonOption();
        var command = new CliCommand(
            "train", "Trains a model on pictures with captions, by CLIP's contrastive loss or another. Ctrl-C keeps a checkpoint; --resume goes on from it.",
            "altclip train captions.tsv --images pictures --output my-model --epochs 5 --batch-size 64 --learning-rate 1e-5",
            "altclip train captions.jsonl --output my-adapter --steps 500 --lora --learning-rate 1e-3 --model BAAI/AltCLIP",
            "altclip train \"shards/{0000..0127}.tar\" --output my-model --steps 100000 --freeze \"vision_model.*\" \"visual_projection.*\" --precision bfloat16",
            "altclip train captions.tsv --output my-model --steps 5000 --batch-size 512 --gradient-cache 32 --lock-image --loss siglip --model BAAI/AltCLIP",
            "altclip train captions.tsv --output my-model --epochs 9 --validation held-out.tsv --validate-every 50 --patience 5 --keep-best --ema 0.99",
            "altclip train captions.tsv --images pictures --output my-model --epochs 5 --resume",
            "altclip train captions.tsv --images pictures --output my-model --epochs 5 --processes 4 --local-loss",
            "altclip train translations.tsv --teacher openai/clip-vit-large-patch14 --output my-model --epochs 3 --model BAAI/AltCLIP")
        {
            data, output, images, model,
        };
        table.AddTo(command);
        settings.AddTo(command);
        lora.AddTo(command);
        teaching.AddTo(command);
        validating.AddTo(command);
        foreach (var option in new Option[] { checkpoints, resume, log, processes, localLoss, json }) command.Add(option);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var launches = processes.ToLaunch(parsed);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            LocalProcesses.StopWithLauncher(stopping);
            if (LocalProcesses.IsOne) console.Kept = () => ""; // who started it says it
            cancellationToken = stopping.Token;
            var started = launches is null ? ProcessGroupOptions.FromEnvironment() : null;
            var device = launches is null ? settings.Device(parsed, started?.LocalRank) : null;
            // Early, so that what ends one process ends the others.
            using var group = ProcessesOption.Join(started, device, cancellationToken);
            var isFirst = group is null or { Rank: 0 };
            var folder = OutputFolder.At(parsed.GetRequiredValue(output));
            var checkpoint = Path.Combine(OutputFolder.At(parsed.GetValue(checkpoints) ?? folder), "checkpoint.safetensors");
            var goesOn = parsed.GetValue(resume);
            if (isFirst && !goesOn && (File.Exists(checkpoint) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())))
                throw new UsageException($"There is a run in {folder} already; give --resume to go on with it, or another folder.");
            lora.Check(parsed);
            teaching.Check(parsed);
            var teacher = teaching.Model(parsed);
            settings.Check(parsed, lora.Read(parsed) is not null, teacher is not null);
            var columns = teacher is null ? null : table.ReadTexts(parsed, teaching.Columns(parsed));
            var validation = validating.Read(parsed, columns);
            if (launches is { } count)
            {
                settings.CheckDeviceFor(parsed, count);
                // It waits for the processes, whose end is the run's.
                console.Kept = () => File.Exists(checkpoint) ? $"Stopped; {checkpoint} is kept, and the same command with --resume goes on."
                    : "Stopped before the first step; there is no checkpoint.";
                return await LocalProcesses.RunAsync(console, count, [.. parsed.Tokens.Select(token => token.Value)], cancellationToken);
            }
            var typed = parsed.GetRequiredValue(data);
            var (objective, examples, read) = columns is not null
                ? Texts(ParallelTexts.FromFile(typed, columns))
                : Captions(Read(typed, table.Read(parsed) with
                {
                    ImageFolder = parsed.GetValue(images),
                    SkipProblems = parsed.GetValue(settings.SkipUnreadable),
                }, cancellationToken), parsed.GetValue(localLoss), isFirst ? console : null);
            var options = settings.Read(parsed, group?.WorldSize ?? 1, teacher is not null) with { Device = device };
            if (examples / (group?.WorldSize ?? 1) < options.BatchSize)
                throw new UsageException($"--batch-size is {options.BatchSize}{(group is null ? "" : $" in each of {group.WorldSize} processes")}, but there are {examples} examples; expected no more than that.");
            var source = await model.LocateAsync(parsed, console, cancellationToken);
            var adapters = await model.Adapter.LocateAsync(parsed, console, cancellationToken);
            if (teacher is not null) options = options with { Teacher = await HubDownload.LocateAsync(console, teacher, TextTeacher.Files, cancellationToken) };
            if (adapters.Count > 0 && lora.Read(parsed) is { Merge: false })
                throw new UsageException("--adapter and --lora: the new adapter would be for a model that is in no file; give --merge, or write that model by altclip convert --adapter first.");
            options = options with
            {
                Fixed = new TrainingSources(typed, read, source, adapters, options.Teacher, validation).AddTo(options.Fixed),
            };
            Directory.CreateDirectory(folder);
            Directory.CreateDirectory(Path.GetDirectoryName(checkpoint)!);
            var run = new TrainingRun(console, source, adapters, folder, checkpoint, parsed.GetValue(log) ?? Path.Combine(folder, "training-log.csv"), group);
            TrainingResult result;
            try
            {
                result = await run.RunAsync(objective, options, lora.Read(parsed), validation, cancellationToken);
            }
            catch (OperationCanceledException) when (group is not null)
            {
                return ExitCode.Cancelled; // by a signal to any of the processes
            }
            if (!isFirst) return ExitCode.Done;
            if (parsed.GetValue(json)) console.WriteJson(result);
            else console.Say($"{Quantity.Of(result.Steps, "step")}{(result.Loss is { } loss ? $", loss {loss:F4}" : "")}; {(result.Adapter ? "the adapter" : "the model")} is in {folder}");
            return ExitCode.Done;
        });
        return command;
    }

    private static (Func<TrainingContext, TrainingObjective> Create, int Examples, string Fingerprint) Texts(ParallelTexts pairs) =>
        (context => new TeacherObjective(context, pairs), pairs.Count, DataFingerprint.Of(pairs));

    private static (Func<TrainingContext, TrainingObjective> Create, int Examples, string Fingerprint) Captions(
        IReadOnlyList<CaptionedImage> examples, bool localLoss, CliConsole? console)
    {
        var leftOut = examples is WebDataset shards ? shards.Problems : ((CaptionedImages)examples).Problems;
        if (leftOut.Count > 0) console?.Note($"{leftOut.Count:N0} examples are left out:\n  {string.Join("\n  ", leftOut.Take(20))}");
        return (context => new CaptionsObjective(context, examples, localLoss), examples.Count, DataFingerprint.Of(examples));
    }

    private static IReadOnlyList<CaptionedImage> Read(string data, CaptionedImagesOptions table, CancellationToken cancellationToken) =>
        data.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
            ? WebDataset.Open(data, new() { SkipProblems = table.SkipProblems }, cancellationToken)
            : CaptionedImages.FromFile(data, table);
}
