using System.CommandLine;
using AltClip.Checkpoints;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip convert MODEL FOLDER</c></summary>
internal static class ConvertCommand
{
    public static Command Create(CliConsole console)
    {
        var model = new Argument<string>("MODEL") { Description = "The model: a folder, or owner/name[@revision] on the Hugging Face Hub." };
        var target = new Argument<string>("FOLDER") { Description = "The folder to write." };
        var adapter = new AdapterOption();
        var dtype = new DtypeOption();
        var size = new Option<string>("--shard-size")
        {
            Description = "The most that one weights file may take, as 2GB, 500MB or 4GiB; a larger model becomes several files and their index.",
            HelpName = "SIZE",
            DefaultValueFactory = _ => "5GB",
        };
        var force = new Option<bool>("--force") { Description = "Write although the folder has files: those of the same names are replaced, and weights in other files removed." };
        var json = new JsonOption();
        var command = new CliCommand(
            "convert", "Writes a model as safetensors, from any of its formats (.bin too), in another type, in files of another size, or with adapters in its weights.",
            "altclip convert BAAI/AltCLIP altclip-half --dtype float16",
            "altclip convert BAAI/AltCLIP my-model --adapter my-adapter",
            "altclip convert models/altclip-emoji emoji-sharded --dtype float32 --shard-size 10MB")
        {
            model, target, adapter, dtype, size, force, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var bytes = Bytes(parsed.GetRequiredValue(size));
            var folder = OutputFolder.At(parsed.GetRequiredValue(target));
            var isNew = !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
            if (!isNew && !parsed.GetValue(force)) throw new UsageException($"The folder {folder} has files already; give --force or another one.");
            var source = await HubDownload.LocateAsync(console, parsed.GetRequiredValue(model), cancellationToken);
            if (RealPath.Of(source) == RealPath.Of(folder)) throw new UsageException($"{folder} is the model itself; give another folder.");
            var conversion = new ModelConversion(source, await adapter.LocateAsync(parsed, console, cancellationToken), dtype.Type(parsed), bytes);
            console.Kept = () => isNew ? "Stopped; nothing was written." : $"Stopped; {folder} has what it had.";
            await console.WithStatusAsync("Writing", () => Task.Run(
                () =>
                {
                    if (isNew) conversion.WriteNew(folder, cancellationToken);
                    else conversion.WriteInto(folder, cancellationToken);
                    return true;
                }, cancellationToken));
            if (conversion.Report is { IsComplete: false } report) console.Note(report.ToString());
            var files = CheckpointInfo.Read(folder).Files.Select(WeightsFile.At).ToArray();
            if (parsed.GetValue(json)) console.WriteJson(new { Folder = folder, Files = files });
            else foreach (var file in files) console.Out.WriteLine($"{Path.Combine(folder, file.Name)}  {file.Size()}");
            return ExitCode.Done;
        });
        return command;
    }

    private static long Bytes(string size)
    {
        try
        {
            return ShardSize.Parse(size);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--shard-size: {e.Message}");
        }
    }
}
