using System.CommandLine;
using AltClip.Shared;
using Spectre.Console;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip info [MODEL]</c></summary>
internal static class InfoCommand
{
    public static Command Create(CliConsole console)
    {
        var model = new Argument<string?>("MODEL")
        {
            Description = $"A folder, or owner/name[@revision] on the Hugging Face Hub. Default: ${ModelOption.Variable}, else the model that comes with the tool.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var adapter = new AdapterOption();
        var kernels = new Option<bool>("--kernels")
        {
            Description = "Also loads the model in each precision, and says what computes texts and pictures here and in what.",
        };
        var json = new JsonOption();
        var command = new CliCommand(
            "info", "Says what a model is: configuration, parameters, files, tokenizer. Nothing of its weights is read, nor downloaded, but for --kernels.",
            "altclip info",
            "altclip info BAAI/AltCLIP",
            "altclip info BAAI/AltCLIP --adapter my-adapter",
            "altclip info --kernels",
            "altclip info models/altclip-emoji --json")
        {
            model, adapter, kernels, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var adapters = await adapter.LocateAsync(parsed, console, cancellationToken);
            var name = parsed.GetValue(model) ?? ModelOption.OfEnvironment ?? BuiltInModel.Folder;
            var wanted = parsed.GetValue(kernels) ? AltCLIPPipeline.Files : ModelReport.Files;
            var folder = await HubDownload.LocateAsync(console, name, wanted, cancellationToken);
            var report = await ModelReport.ReadAsync(name, folder, cancellationToken);
            if (adapters.Count > 0) report = report with { Adapters = [.. adapters.Select(AdapterReport.Read)] };
            if (parsed.GetValue(kernels)) report = report with { Kernels = await KernelReport.ReadAsync(folder, console, cancellationToken) };
            if (parsed.GetValue(json)) console.WriteJson(report);
            else Print(console.Results, report);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, ModelReport report)
    {
        List<(string, string)> facts = [];
        var (text, picture) = (report.Text, report.Vision);
        Row("model", report.Model);
        Row("text encoder", $"{Quantity.Of(text.Layers, "layer")} of width {text.Width}, {Quantity.Of(text.Heads, "head")}, {text.Vocabulary:N0} pieces, at most {text.MaxTokens} tokens");
        Row("image encoder", $"{Quantity.Of(picture.Layers, "layer")} of width {picture.Width}, {Quantity.Of(picture.Heads, "head")}, {picture.ImageSize} x {picture.ImageSize} pixels in patches of {picture.PatchSize}");
        Row("shared space", $"{report.ProjectionDim} dimensions");
        Row("tokenizer", report.Tokenizer is { } tokenizer ? $"{tokenizer.Pieces:N0} pieces{(tokenizer.ModelMaxLength is { } most ? $", cuts after {most} tokens" : "")}" : "none");
        Row("pictures", report.Pictures ?? "no settings");
        if (report.Weights is not { } weights) Row("weights", "not downloaded");
        else
        {
            foreach (var (part, count) in weights.Parameters) Row($"  {part}", Quantity.Of(count, "parameter"));
            Row("all", $"{Quantity.Of(weights.ParameterCount, "parameter")} in {string.Join(", ", weights.Dtypes)}");
            if (weights.UnusedTensors.Count > 0) Row("not used", $"{Quantity.Of(weights.UnusedTensors.Count, "tensor")} that the model has no place for: {Listing.Of(weights.UnusedTensors)}");
            foreach (var file in weights.Files) Row(file.Name, file.Size());
        }
        foreach (var adapter in report.Adapters ?? [])
        {
            Row("adapter", FormattableString.Invariant(
                $"{adapter.Adapter}: rank {adapter.Rank}, alpha {adapter.Alpha}{(adapter.UseDora ? ", DoRA" : "")}, {Quantity.Of(adapter.Layers, "layer")}, {Quantity.Of(adapter.WholeTensors, "whole tensor")}{(adapter.Weight == 1 ? "" : $", times {adapter.Weight}")}"));
        }
        foreach (var kernel in report.Kernels ?? [])
        {
            Row(
                $"in {Typed(kernel.Precision)}",
                $"texts by {kernel.TextKernel} in {Typed(kernel.TextPrecision)}{Calibrated(kernel.IsTextCalibrated)}, "
                    + $"pictures by {kernel.ImageKernel} in {Typed(kernel.ImagePrecision)}{Calibrated(kernel.IsImageCalibrated)}");
        }
        console.Write(new FactList(facts));

        // As --precision takes it.
        static string? Typed(string? precision) => precision?.ToLowerInvariant();

        static string Calibrated(bool isCalibrated) => isCalibrated ? " (calibrated)" : "";

        void Row(string what, string value) => facts.Add((what, value));
    }
}
