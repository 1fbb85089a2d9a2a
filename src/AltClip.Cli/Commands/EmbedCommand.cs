using System.CommandLine;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip embed INPUT… --output FOLDER</c></summary>
internal static class EmbedCommand
{
    private const int DefaultPartSize = 4096;

    public static Command Create(CliConsole console)
    {
        var inputs = new Argument<string[]>("INPUT")
        {
            Description = "Folders of pictures (with all folders in them), lists (.txt: a path a line; .csv, .tsv, .jsonl), .tar or .parquet files. {000..010}.tar is eleven, @FILE what it names, a path a line; - is standard input, a path or address a line, or a text with --texts.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o") { Description = "The folder of the results.", HelpName = "FOLDER", Required = true };
        var format = new Option<EmbeddingFormat>("--format", "-f")
        {
            Description = "How embeddings are written.",
            HelpName = "parquet|npy|jsonl",
            DefaultValueFactory = _ => EmbeddingFormat.Parquet,
        };
        format.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "parquet", "npy", "jsonl");
        var shard = new ShardOption();
        var reading = new InputReadingOptions();
        var longIds = new Option<bool>("--long-ids")
        {
            Description = "Ids begin with the end of their folder's or file's path, as they do anyway where some would be equal.",
        };
        var partSize = new Option<int>("--part-size")
        {
            Description = "How many inputs are in one file; what a killed run loses at most.",
            HelpName = "COUNT",
            DefaultValueFactory = _ => DefaultPartSize,
        };
        var batchSize = new Option<int?>("--batch-size")
        {
            Description = "How many inputs are computed at once. Default: 8, and 128 on a GPU.",
            HelpName = "COUNT",
        };
        var acceptFailures = new AcceptFailuresOption();
        var device = new DeviceOption();
        var model = new ModelOption();
        var precision = new PrecisionOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "embed", "Writes embeddings of pictures or texts to files. Goes on where an earlier run was stopped.",
            "altclip embed photos/ --output vectors/ --model BAAI/AltCLIP --precision bfloat16",
            "altclip embed \"train-{00000..00127}.tar\" --output vectors/ --format npy",
            "altclip embed captions.txt --texts --output vectors/ --format jsonl",
            "find photos -name \"*.jpg\" | altclip embed - --output vectors/",
            "altclip embed list.jsonl --root /data --output vectors/ --shard 3/16   # one of 16 workers",
            "altclip embed verify vectors/                                          # is every input there once?")
        {
            inputs, output, format, shard, longIds, partSize, batchSize, acceptFailures, model, precision, device, json,
            EmbedVerifyCommand.Create(console),
        };
        reading.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var parts = Positive(partSize, parsed.GetValue(partSize));
            int? given = parsed.GetValue(batchSize) is { } size ? Positive(batchSize, size) : null;
            var (own, computer) = (shard.Read(parsed), device.Read(parsed));
            var batch = given ?? new AltCLIPPipelineOptions { Device = computer }.ImageBatchSize;
            var results = OutputFolder.At(parsed.GetRequiredValue(output));
            var folder = await model.LocateAsync(parsed, console, cancellationToken);
            var adapters = await model.Adapter.LocateAsync(parsed, console, cancellationToken);
            var (typed, read) = (parsed.GetRequiredValue(inputs), reading.Read(parsed));
            if (typed.Contains(PictureFile.StandardInput))
            {
                using var input = console.In();
                var lines = StandardInputFile.Save(input, results);
                typed = [.. typed.Select(path => path == PictureFile.StandardInput ? lines : path)];
                read = read with { Root = read.Root ?? Environment.CurrentDirectory };
            }
            var paths = InputPaths.Expand(typed);
            var settings = new JobSettings(
                paths, read, own.Count, parts, parsed.GetValue(format),
                parsed.GetValue(precision), ModelFingerprint.Of(folder, adapters), parsed.GetValue(longIds) ? IdForm.Long : null);
            var request = new EmbedRequest(settings, own, results, batch);
            var job = await console.WithStatusAsync(
                "Looking at the inputs", () => Task.Run(() => EmbedJob.Open(request, cancellationToken), cancellationToken));
            NoteIds(console, job, settings);
            if (job.LostParts > 0) console.Note($"{Quantity.Of(job.LostParts, "part")} of {own.Name} that {(job.LostParts == 1 ? "was" : "were")} made before {(job.LostParts == 1 ? "is" : "are")} not there any more, and made again.");
            if (job.LeftOut > 0)
                console.Note($"{job.LeftOut:N0} files and folders are left out: hidden, not called as pictures are, or links to what is there already.");
            var options = new AltCLIPPipelineOptions
            {
                Precision = settings.Precision,
                Device = computer,
                Adapters = adapters,
                TextBatchSize = batch,
                ImageBatchSize = batch,
            };
            using var pipeline = job.IsComplete ? null : await console.WithStatusAsync(
                "Loading the model", () => Task.Run(() => AltCLIPPipeline.FromPretrained(folder, options), cancellationToken));
            if (pipeline is not null) ModelFingerprint.RefuseOther(folder, adapters, settings.Model);
            console.Kept = () => $"Stopped with {job.Progress.Done:N0} of {job.Inputs:N0} inputs done and kept; the same command goes on.";
            var summary = await console.WithEmbedProgressAsync(
                own.Count == 1 ? "Embedding" : $"Embedding shard {own.Index}/{own.Count}", job, progress => job.RunAsync(pipeline, progress, cancellationToken));
            if (parsed.GetValue(json)) console.WriteJson(summary);
            else Print(console, summary, request.Output);
            if (summary is { Embedded: 0, Failed: > 0 } && !parsed.GetValue(acceptFailures))
            {
                console.Fail($"No input could be read, of {summary.Inputs:N0}.");
                return ExitCode.Failed;
            }
            return acceptFailures.CodeOf(parsed, summary.Failed);
        });
        return command;
    }

    private static int Positive(Option option, int value) =>
        value > 0 ? value : throw new UsageException($"{option.Name} is {value}; expected a number above 0.");

    private static void NoteIds(CliConsole console, EmbedJob job, JobSettings settings)
    {
        if (job.Ids == IdForm.Long && settings.Ids is null)
            console.Note($"Inputs would have equal ids, so that all begin with where they are, as {InputLabels.Of(settings.Inputs)[0]}.");
        if (job.RepeatedNames > 0)
            console.Note($"{job.RepeatedNames:N0} inputs are called as one before them in their file; their ids end in # and their place.");
    }

    private static void Print(CliConsole console, EmbedSummary summary, string output)
    {
        var share = summary.Shard == "0/1" ? "" : $"Shard {summary.Shard}: ";
        console.Say($"{share}{Quantity.Of(summary.Embedded, "embedding")} of {Quantity.Of(summary.Inputs, "input")} in {ShownPath.Of(output)}");
        if (summary.FromBefore > 0) console.Say($"{summary.FromBefore:N0} of them were there before.");
        if (summary.Failed > 0) console.Say($"{summary.Failed:N0} could not be read: errors.jsonl of their parts says why.");
        if (summary.StageSeconds is not { } stages) return;
        console.Say(
            $"{summary.Seconds:F1} s, {summary.PerSecond:F1} a second: read {stages.Read:F1} s, prepare {stages.Prepare:F1} s, "
            + $"encode {stages.Encode:F1} s, write {stages.Write:F1} s");
    }
}
