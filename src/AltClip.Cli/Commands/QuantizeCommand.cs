using System.CommandLine;
using AltClip.Imaging;
using AltClip.Inference.Calibration;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip quantize MODEL --images FOLDER --texts FILE</c></summary>
internal static class QuantizeCommand
{
    /// <summary>Of fewer, some held out among them, nothing can be said.</summary>
    private const int FewestInputs = 10;

    public static Command Create(CliConsole console)
    {
        var model = new Argument<string>("MODEL") { Description = "The model: a folder, or owner/name[@revision] on the Hugging Face Hub." };
        var images = new Option<string?>("--images")
        {
            Description = "Pictures like those that the model will be used for, to calibrate the image encoder with; folders below are searched too.",
            HelpName = "FOLDER",
        };
        var texts = new Option<string?>("--texts")
        {
            Description = "Texts like those that the model will be used for, one a line, to calibrate the text encoder with.",
            HelpName = "FILE",
        };
        var count = new Option<int>("--count")
        {
            Description = "How many pictures and texts to take of them, evenly: four of five to calibrate with, the fifth to try the result on.",
            HelpName = "N",
            DefaultValueFactory = _ => 320,
        };
        count.RefuseBelow(FewestInputs);
        var output = new Option<string?>("--output", "-o")
        {
            Description = $"Where to write {CalibrationFile.Name}. Default: beside the model's weights, where it is found when the model is loaded.",
            HelpName = "FOLDER",
        };
        var force = new Option<bool>("--force") { Description = "Write what gains nothing too." };
        var json = new JsonOption();
        var command = new CliCommand(
            "quantize", "Calibrates int8: moves what is hard to round from activations into weights, measures whether that is more exact, and keeps it if it is.",
            "altclip quantize models/altclip-emoji --texts captions.txt",
            "altclip quantize AltCLIP --images photos --texts captions.txt",
            "altclip quantize BAAI/AltCLIP --images photos --count 500 --output AltCLIP-int8")
        {
            model, images, texts, count, output, force, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(model);
            var (pictures, lines) = (parsed.GetValue(images), parsed.GetValue(texts));
            if (pictures is null && lines is null) throw new UsageException("There is nothing to calibrate with: give --images, --texts or both.");
            var target = parsed.GetValue(output) is { } typed ? OutputFolder.At(typed) : Directory.Exists(id) ? id : throw new UsageException(
                Path.Exists(id) ? $"{id} is a file; expected a model's folder or id." : $"{id} is no folder of yours: say with --output where to write.");
            var most = parsed.GetValue(count);
            // What can be refused is, before anything is downloaded or computed.
            var textInputs = lines is null ? null : Inputs(lines, "texts", ReadTexts(lines), most);
            var imageInputs = pictures is null ? null : Inputs(pictures, "pictures", ReadPictures(pictures, cancellationToken), most);
            var folder = await HubDownload.LocateAsync(console, id, cancellationToken);
            var run = new QuantizeRun(folder, textInputs, imageInputs);
            var found = await console.WithProgressAsync(
                "Calibrating", run.Steps, progress => Task.Run(() => run.Measure(progress, cancellationToken), cancellationToken));
            console.Kept = () => "Stopped; a calibration that was written is whole.";
            var kept = found with { Text = Kept(found.Text), Image = Kept(found.Image) };
            var file = kept is { Text: null, Image: null } ? null : QuantizeRun.Write(folder, target, kept);
            if (parsed.GetValue(json)) console.WriteJson(new { File = file, Text = ForPrograms(found.Text, kept.Text), Image = ForPrograms(found.Image, kept.Image) });
            else Print(console, found, kept, file);
            return ExitCode.Done;

            Calibrated? Kept(Calibrated? encoder) => encoder is { } one && (one.Trial.IsBetter || parsed.GetValue(force)) ? one : null;
        });
        return command;
    }

    private static string[] ReadTexts(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; expected a file with a text a line.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        RegularFile.RefuseOthers(path);
        return [.. Utf8Text.Lines(path).Where(line => !string.IsNullOrWhiteSpace(line)).Distinct()];
    }

    private static string[] ReadPictures(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        return [.. new PictureFiles(folder, cancellationToken: cancellationToken).Files];
    }

    /// <summary>As many as are asked for, from all parts of what is there.</summary>
    private static string[] Inputs(string source, string what, string[] all, int most)
    {
        if (all.Length < FewestInputs)
            throw new IOException($"{source} has {all.Length} different {what}; expected {FewestInputs} or more, better a few hundred.");
        var count = Math.Min(most, all.Length);
        return [.. Enumerable.Range(0, count).Select(i => all[(long)i * all.Length / count])];
    }

    private static object? ForPrograms(Calibrated? found, Calibrated? kept) => found is null ? null : new
    {
        found.Trial.Kernel,
        IsHeeded = found.Trial.IsHeeded,
        found.HeldOut,
        DynamicMean = found.Trial.Dynamic.Mean,
        DynamicWorst = found.Trial.Dynamic.Worst,
        CalibratedMean = found.Trial.Calibrated.Mean,
        CalibratedWorst = found.Trial.Calibrated.Worst,
        found.Trial.Time,
        found.Smoothed,
        found.Static,
        Written = kept is not null,
    };

    private static void Print(CliConsole console, QuantizeResult found, QuantizeResult kept, string? file)
    {
        List<string[]> rows = [];
        Row("texts", found.Text, kept.Text);
        Row("pictures", found.Image, kept.Image);
        ResultTable.Write(console, ["int8 of", "cosine to float32, mean", "worst", "calibrated, mean", "worst", "time", ""], rows);
        if (file is null) console.Say("Nothing was written: as it is, int8 does as well without.");
        else console.Out.WriteLine(file);

        void Row(string what, Calibrated? encoder, Calibrated? written)
        {
            if (encoder is not { Trial: var trial }) return;
            var verdict = !trial.IsHeeded ? $"{trial.Kernel} heeds no calibration" : written is null ? "not better: left out" : "written";
            rows.Add(
            [
                $"{what}, {encoder.HeldOut} held out", $"{trial.Dynamic.Mean:F6}", $"{trial.Dynamic.Worst:F6}", $"{trial.Calibrated.Mean:F6}",
                $"{trial.Calibrated.Worst:F6}", $"{trial.Time:F2}x", verdict,
            ]);
        }
    }
}
