using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TorchSharp;

namespace AltClip.Cli;

/// <summary><c>altclip classify PICTURE… --labels LABEL…</c></summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        var pictures = new Argument<FileInfo[]>("PICTURE") { Description = "Picture files (JPEG, PNG, GIF, WebP, BMP).", Arity = ArgumentArity.OneOrMore };
        var labels = new Option<string[]>("--labels", "-l")
        {
            Description = "What may be in the pictures, in any language.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        var model = new Option<string?>("--model", "-m") { Description = "A model folder. Default: the model that comes with the tool." };
        var json = new Option<bool>("--json") { Description = "Print JSON for programs instead of bars." };
        var command = new Command("classify", "Says which of the labels fits each picture best, with probabilities.") { pictures, labels, model, json };
        command.SetAction((result, cancellationToken) =>
        {
            var request = new ClassifyRequest(
                [.. result.GetRequiredValue(pictures).Select(file => file.FullName)], result.GetRequiredValue(labels), result.GetValue(model));
            return Task.FromResult(Run(request, result.GetValue(json), cancellationToken));
        });
        return command;
    }

    private static int Run(ClassifyRequest request, bool json, CancellationToken cancellationToken)
    {
        var errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        try
        {
            var folder = request.Model ?? BuiltInModel.Folder;
            if (request.Model is null) errors.MarkupLineInterpolated($"[grey]{BuiltInModel.Notice}[/]");
            var results = Classify(folder, request, cancellationToken);
            if (json) Console.WriteLine(JsonSerializer.Serialize(results, ClassifyJsonContext.Readable.ClassifiedPictureArray));
            else Print(results);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or ConfigurationException
            or UnauthorizedAccessException or DllNotFoundException)
        {
            errors.MarkupLineInterpolated($"[red]altclip: {e.Message}[/]");
            return 1;
        }
    }

    private static ClassifiedPicture[] Classify(string folder, ClassifyRequest request, CancellationToken cancellationToken)
    {
        if (request.Pictures.FirstOrDefault(Directory.Exists) is { } directory) throw new ArgumentException($"{directory} is a folder; expected a picture file.");
        TorchRuntime.EnsureLoaded();
        using var noGrad = torch.no_grad();
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        using var inputs = processor.Process(
            request.Labels, [.. request.Pictures.Select(picture => ImageSource.FromFile(picture))], cancellationToken: cancellationToken);
        RefuseLongLabels(request.Labels, inputs.Encoding!, AltCLIPTextConfig.FromPretrained(folder));
        using var model = AltCLIPModel.FromPretrained(folder);
        using var output = model.forward(inputs);
        using var probabilities = output.LogitsPerImage.softmax(1);
        var rows = probabilities.ToArray2D();
        return
        [
            .. request.Pictures.Select((picture, i) => new ClassifiedPicture(
                picture,
                [.. request.Labels.Select((label, j) => new LabelProbability(label, rows[i, j])).OrderByDescending(label => label.Probability)])),
        ];
    }

    private static void RefuseLongLabels(string[] labels, BatchEncoding encoding, AltCLIPTextConfig config)
    {
        var most = config.MaxPositionEmbeddings - config.PadTokenId - 1;
        for (var i = 0; i < labels.Length; i++)
        {
            var tokens = encoding.AttentionMask![i].Sum();
            if (tokens > most) throw new ArgumentException($"The label \"{labels[i][..30]}…\" has {tokens} tokens; expected at most {most}.");
        }
    }

    private static void Print(ClassifiedPicture[] results)
    {
        foreach (var result in results)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{Path.GetFileName(result.Picture)}[/]");
            var table = new Table().NoBorder().HideHeaders().AddColumns("label", "probability", "bar");
            foreach (var (label, probability) in result.Labels)
            {
                table.AddRow(
                    new Text(label), new Text($"{probability,6:P1}"),
                    new Markup($"[green]{new string('█', (int)MathF.Round(probability * 40))}[/]"));
            }
            AnsiConsole.Write(table);
        }
    }
}
