using System.CommandLine;
using AltClip.Configuration;
using AltClip.Imaging;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip calibrate PICTURES --model FOLDER</c></summary>
internal static class CalibrateCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PromptedPicturesOptions();
        var defaults = new RejectionOptions();
        // No adapters: the threshold is stored beside the weights that it is of.
        var model = new Option<string>("--model", "-m") { Description = "The model's folder, which the threshold is written into.", HelpName = "FOLDER", Required = true };
        var rate = new Option<double>("--false-accept")
        {
            Description = "The part of pictures with no right label that may get one all the same, 0 to 1.",
            HelpName = "RATE",
            DefaultValueFactory = _ => defaults.FalseAcceptRate,
        };
        var labels = new Option<int>("--labels-per-picture")
        {
            Description = "How many labels a picture is given; as many as will be given to classify.",
            HelpName = "N",
            DefaultValueFactory = _ => defaults.LabelsPerPicture,
        };
        var description = new Option<string?>("--description") { Description = "What the pictures are, for those who read the rates. Default: their path.", HelpName = "TEXT" };
        var (precision, device, json) = (new PrecisionOption(), new DeviceOption(), new JsonOption());
        var command = new CliCommand(
            "calibrate", "Finds, on labelled pictures that the model wasn't trained on, the cosine below which a picture shows none of its labels, and writes it beside the model for classify --none.",
            "altclip calibrate held-out-pictures --model my-model",
            "altclip calibrate \"wds_cifar10/test/{0..9}.tar\" --classes wds_cifar10/classnames.txt --model my-model --false-accept 0.01");
        pictures.AddTo(command);
        foreach (var option in new Option[] { model, rate, labels, description, precision, device, json }) command.Add(option);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetRequiredValue(model);
            if (!Directory.Exists(folder))
                throw new UsageException($"There is no folder {folder}. The threshold is written beside the model's files; altclip convert makes a folder of a model on the Hub.");
            if (parsed.GetValue(rate) is <= 0 or >= 1 or double.NaN) throw new UsageException(FormattableString.Invariant($"--false-accept is {parsed.GetValue(rate)}; expected a number above 0 and below 1."));
            if (parsed.GetValue(labels) < 1) throw new UsageException($"--labels-per-picture is {parsed.GetValue(labels)}; expected a number above 0.");
            var read = pictures.Read(parsed, cancellationToken);
            var options = new AltCLIPPipelineOptions
            {
                Precision = parsed.GetValue(precision),
                Device = device.Read(parsed),
                Images = new() { OnError = ImageErrorHandling.Skip },
            };
            using var pipeline = await console.WithStatusAsync("Loading the model", () => Task.Run(() => AltCLIPPipeline.FromPretrained(folder, options), cancellationToken));
            var report = await console.WithProgressAsync("Pictures", read.Count, progress => RejectionCalibration.RunAsync(
                pipeline, read.Examples, read.Prompts, parsed.GetValue(description) ?? pictures.Path(parsed),
                new RejectionOptions { FalseAcceptRate = parsed.GetValue(rate), LabelsPerPicture = parsed.GetValue(labels) }, progress, cancellationToken));
            report.Threshold.SavePretrained(folder);
            if (parsed.GetValue(json)) console.WriteJson(report.ToJson());
            else ResultTable.Write(console, ["", ""], report.Lines);
            console.Note($"written: {Path.Combine(folder, RejectionThreshold.FileName)}");
            foreach (var skipped in report.Skipped) console.Note($"not counted: {ErrorText.Of(skipped.Error)}");
            return report.Skipped.Count == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        });
        return command;
    }
}
