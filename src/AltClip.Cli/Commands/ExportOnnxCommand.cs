using System.CommandLine;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Onnx;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip export onnx MODEL --output FOLDER</c></summary>
internal static class ExportOnnxCommand
{
    private static readonly Dictionary<string, OnnxPrecision> Precisions = new()
    {
        ["float32"] = OnnxPrecision.Float32,
        ["float16"] = OnnxPrecision.Float16,
        ["int8"] = OnnxPrecision.Int8,
    };

    public static Command Create(CliConsole console)
    {
        var model = new Argument<string>("MODEL") { Description = "The model: a folder, or owner/name[@revision] on the Hugging Face Hub." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The folder to write. Exports of the same model in other precisions may stand there: their names differ.",
            HelpName = "FOLDER",
            Required = true,
        };
        var precision = new Option<string>("--precision", "-p")
        {
            Description = "The numbers of weights and activations: float16 halves the size, int8 quarters it.",
            HelpName = string.Join('|', Precisions.Keys),
            DefaultValueFactory = _ => Precisions.Keys.First(),
        };
        precision.AcceptOnlyFromAmong([.. Precisions.Keys]);
        var adapter = new AdapterOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "onnx", "Writes both encoders as ONNX, with the tokenizer and the image settings beside them, as ONNX Runtime and transformers.js read them.",
            "altclip export onnx models/altclip-emoji --output emoji-onnx",
            "altclip export onnx models/altclip-emoji --output emoji-onnx --precision int8",
            "altclip export onnx BAAI/AltCLIP --adapter my-adapter --precision float16 --output my-onnx")
        {
            model, output, precision, adapter, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var folder = OutputFolder.At(parsed.GetRequiredValue(output));
            var typed = parsed.GetRequiredValue(model);
            // Its settings and tokenizer would be replaced.
            if (CheckpointFiles.Counting(folder) is { } weights && RealPath.Of(folder) != RealPath.Of(typed))
                throw new UsageException($"The folder {folder} has a model of its own ({weights}); give another one.");
            var source = await HubDownload.LocateAsync(console, typed, cancellationToken);
            var adapters = await adapter.LocateAsync(parsed, console, cancellationToken);
            var files = await console.WithStatusAsync("Writing", () => Task.Run(
                () => Export(source, adapters, folder, Precisions[parsed.GetRequiredValue(precision)], cancellationToken), cancellationToken));
            if (parsed.GetValue(json)) console.WriteJson(new { Folder = folder, Files = files.Select(file => new { Name = Path.GetRelativePath(folder, file), new FileInfo(file).Length }) });
            else foreach (var file in files) console.Out.WriteLine($"{file}  {WeightsFile.At(file).Size()}");
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<string> Export(
        string source, IReadOnlyList<AdapterSource> adapters, string folder, OnnxPrecision precision, CancellationToken cancellationToken)
    {
        // What can be refused is, before anything is written.
        using var processor = AltCLIPProcessor.FromPretrained(source);
        using var model = AltCLIPModel.FromPretrained(source);
        LoraAdapter.MergePretrained(model, adapters);
        var files = OnnxExporter.Export(model, folder, precision, cancellationToken);
        processor.SavePretrained(folder);
        return files;
    }
}
