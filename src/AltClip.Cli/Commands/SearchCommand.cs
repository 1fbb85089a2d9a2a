using System.CommandLine;
using AltClip.Search;
using Spectre.Console;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip search TEXT</c>, <c>altclip search --image FILE</c></summary>
internal static class SearchCommand
{
    public static Command Create(CliConsole console)
    {
        var text = new Argument<string?>("TEXT") { Description = "What the pictures show, in any language.", Arity = ArgumentArity.ZeroOrOne };
        var image = new Option<string?>("--image", "-i") { Description = $"A picture to find others like it: {PictureFile.Description}", HelpName = "FILE" };
        var top = new Option<int>("--top", "-n") { Description = "How many pictures to give at most.", HelpName = "COUNT", DefaultValueFactory = _ => 10 };
        var store = new StoreOption();
        var model = new ModelOption();
        var device = new DeviceOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "search", "Finds the indexed pictures that fit a text in any language best, or that are most like a picture.",
            "altclip search \"一只在窗边睡觉的猫\"",
            "altclip search \"a red bicycle\" --top 3 --store photos.duckdb --model BAAI/AltCLIP",
            "altclip search --image cat.jpg --json")
        {
            text, image, top, store, model, device, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var (words, file, count) = (parsed.GetValue(text), parsed.GetValue(image), parsed.GetValue(top));
            if (string.IsNullOrWhiteSpace(words) == file is null) throw new UsageException("Give either a TEXT or an --image.");
            if (count <= 0) throw new UsageException($"--top is {count}; expected 1 or more.");
            var picture = file is null ? null : PictureFile.Find(file);
            var options = new AltCLIPPipelineOptions { Device = device.Read(parsed) };
            using var pipeline = await model.LoadAsync(parsed, console, options, cancellationToken);
            await using var opened = await store.OpenAsync(parsed, model, pipeline, new ImageStoreOptions { ReadOnly = true }, cancellationToken);
            var searcher = new ImageSearcher(opened, pipeline);
            var matches = picture is null
                ? await searcher.SearchAsync(words!, count, cancellationToken)
                : await searcher.SearchAsync(ImageSource.FromFile(picture), count, cancellationToken);
            if (parsed.GetValue(json)) console.WriteJson(matches.Select(match => new Found(match.Image.Id, match.Score)));
            else Print(console, matches);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(CliConsole console, IReadOnlyList<ImageMatch> matches)
    {
        if (matches.Count == 0) console.Note("The store has no pictures.");
        var table = new Table().NoBorder().HideHeaders().AddColumns("score", "picture");
        foreach (var match in matches) table.AddRow(new Text($"{match.Score,6:f3}"), new Text(match.Image.Id));
        console.Results.Write(table);
    }

    /// <summary>A picture with its cosine similarity.</summary>
    private sealed record Found(string Picture, float Score);
}
