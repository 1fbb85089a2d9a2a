using System.CommandLine;
using AltClip.Modeling.Adapters;
using AltClip.Pipeline.Explanation;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip explain PICTURE --text TEXT…</c></summary>
internal static class ExplainCommand
{
    public static Command Create(CliConsole console)
    {
        var picture = new Argument<string>("PICTURE") { Description = $"A picture file, or an address on the web: {PictureFile.Description} - is standard input." };
        var texts = new TextsOption("--text")
        {
            Description = "What to look for, in any language. Each text gets a map of its own.",
            HelpName = "TEXT",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The PNG to write; with several texts, their numbers are added to its name. Default: PICTURE.heat.png in this folder.",
            HelpName = "FILE",
        };
        var model = new ModelOption();
        var device = new DeviceOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "explain", "Shows which patches of a picture answer to a text: a heat map over the picture, by the rule of Chefer et al. (arXiv 2103.15679).",
            "altclip explain desk.jpg --text \"a cup of coffee\" --output coffee.png --model BAAI/AltCLIP",
            "altclip explain penguin.png --text beak feet 企鹅 --json")
        {
            picture, texts, output, model, device, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(picture);
            PictureFile.RefuseMissing(name);
            var wanted = parsed.GetRequiredValue(texts);
            var target = parsed.GetValue(output) ?? $"{PictureFile.PlainName(name)}.heat.png";
            if (!Path.GetExtension(target).Equals(".png", StringComparison.OrdinalIgnoreCase))
                throw new UsageException($"--output is {target}; expected a name that ends in .png.");
            if (Path.GetDirectoryName(Path.GetFullPath(target)) is { } folder && !Directory.Exists(folder))
                throw new DirectoryNotFoundException($"There is no folder {folder} for {target}.");
            var computer = device.Read(parsed);
            var file = await PictureFile.OpenAsync(console, name, cancellationToken);
            var source = await model.LocateAsync(parsed, console, cancellationToken);
            var adapters = await model.Adapter.LocateAsync(parsed, console, cancellationToken);
            var found = await console.WithStatusAsync(
                "Computing", () => Task.Run(() => Explain(source, adapters, computer, file, wanted, cancellationToken), cancellationToken));
            var maps = found.Select((explanation, i) => new TextMap(explanation, found.Count == 1 ? target : Numbered(target, i + 1))).ToArray();
            console.Kept = () => "Stopped; the maps that were written are whole.";
            foreach (var map in maps) map.Explanation.SavePng(map.File);
            if (parsed.GetValue(json)) console.WriteJson(maps.Select(map => map.ForPrograms()));
            else Print(console, maps);
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<PictureExplanation> Explain(
        string folder, IReadOnlyList<AdapterSource> adapters, torch.Device? device, ImageSource picture, string[] texts, CancellationToken cancellationToken)
    {
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        using var model = AltCLIPModel.FromPretrained(folder, device: device);
        LoraAdapter.MergePretrained(model, adapters);
        return PatchRelevance.Explain(model, processor, picture, texts, cancellationToken);
    }

    private static string Numbered(string path, int number) => $"{Path.ChangeExtension(path, null)}-{number}{Path.GetExtension(path)}";

    private static void Print(CliConsole console, TextMap[] maps) => ResultTable.Write(
        console, ["text", "similarity", "map"], [.. maps.Select(map => (string[])[map.Explanation.Text, $"{map.Explanation.Similarity:F3}", map.File])]);

    private sealed record TextMap(PictureExplanation Explanation, string File)
    {
        public object ForPrograms()
        {
            var values = Explanation.Relevance;
            var rows = Enumerable.Range(0, values.GetLength(0)).Select(y => Enumerable.Range(0, values.GetLength(1)).Select(x => values[y, x]));
            return new { Explanation.Text, Explanation.Similarity, File, Relevance = rows };
        }
    }
}
