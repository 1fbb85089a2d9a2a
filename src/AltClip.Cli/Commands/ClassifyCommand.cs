using System.CommandLine;
using AltClip.Imaging;
using Spectre.Console;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip classify PICTURE… --labels LABEL…</c></summary>
internal static class ClassifyCommand
{
    // In characters: a bar where there is room, and what stands beside it with the spaces between.
    private const int LongestBar = 40, BesideBars = 17;

    public static Command Create(CliConsole console)
    {
        var pictures = new Argument<string[]>("PICTURE")
        {
            Description = $"Picture files, or addresses on the web: {PictureFile.Description} - is standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var labels = new LabelsOption("What may be in the pictures, in any language.");
        var templates = new TemplatesOption();
        var model = new ModelOption();
        var precision = new PrecisionOption();
        var device = new DeviceOption();
        var none = new NoneOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "classify", "Says which of the labels fits each picture best, with probabilities among the labels given: they add up to 100 % even if none is right, which --none says.",
            "altclip classify penguin.png --labels penguin 火箭 \"tête de chien\"",
            "altclip classify *.jpg --labels cat dog --templates \"a photo of a {}\" \"a drawing of a {}\" --model BAAI/AltCLIP",
            "altclip classify penguin.png --labels rocket pizza --none",
            "altclip classify penguin.png --labels penguin pizza --json")
        {
            pictures, labels, templates, none, model, precision, device, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var (wanted, files) = labels.Read(parsed, pictures, PictureFile.IsThere);
            if (files.FirstOrDefault(Directory.Exists) is { } folder) throw new IOException($"{folder} is a folder; expected picture files. {CliConsole.ToolName} sort takes a folder.");
            foreach (var file in files) PictureFile.RefuseMissing(file);
            var sentences = templates.Read(parsed) is { Length: > 0 } given ? given : ["{}"];
            var options = new AltCLIPPipelineOptions
            {
                Precision = parsed.GetValue(precision),
                Device = device.Read(parsed),
                Images = new() { OnError = ImageErrorHandling.Skip },
            };
            using var pipeline = await model.LoadAsync(parsed, console, options, cancellationToken);
            var threshold = none.Read(parsed, pipeline);
            if (threshold is null) LabelsOption.NoteOne(console, wanted);
            RefuseLongLabels(pipeline, wanted, sentences, cancellationToken);
            var (results, unreadable) = await Task.Run(() => ClassifyAsync(console, pipeline, files, wanted, sentences, cancellationToken), cancellationToken);
            foreach (var problem in unreadable) console.Fail(ErrorText.Of(problem));
            if (results.Count == 0) return ExitCode.Failed;
            if (parsed.GetValue(json)) WriteJson(console, results, threshold);
            else Print(console, results, threshold);
            if (none.Rates(parsed, pipeline) is { } rates) console.Note(rates);
            return unreadable.Count == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        });
        return command;
    }

    private static async Task<(List<ClassifiedPicture> Results, List<Exception> Unreadable)> ClassifyAsync(
        CliConsole console, AltCLIPPipeline pipeline, string[] files, string[] labels, string[] templates, CancellationToken cancellationToken)
    {
        using var classifier = pipeline.CreateClassifier(labels, templates, cancellationToken);
        var (results, unreadable, sources, names) = (new List<ClassifiedPicture>(), new List<Exception>(), new List<ImageSource>(), new List<string>());
        foreach (var file in files)
        {
            try
            {
                sources.Add(await PictureFile.OpenAsync(console, file, cancellationToken));
                names.Add(PictureFile.IsFile(file) ? PictureFile.Find(file) : file);
            }
            catch (IOException e)
            {
                unreadable.Add(e);
            }
        }
        await foreach (var picture in pipeline.EncodeImagesAsync(sources, cancellationToken: cancellationToken))
        {
            if (picture.Error is { } error) unreadable.Add(error);
            else results.Add(new ClassifiedPicture(names[picture.Index], classifier.Classify(picture.Embedding)));
        }
        return (results, unreadable);
    }

    private static void RefuseLongLabels(AltCLIPPipeline pipeline, string[] labels, string[] templates, CancellationToken cancellationToken)
    {
        var config = pipeline.Model.Config.TextConfig;
        var most = Math.Min(pipeline.Processor.Tokenizer.ModelMaxLength ?? int.MaxValue, config.MaxPositionEmbeddings - config.PadTokenId - 1);
        string[] sentences = [.. labels.SelectMany(label => templates.Select(template => template.Replace("{}", label)))];
        var whole = new TokenizerOptions { Truncation = TruncationStrategy.None };
        var ids = pipeline.Processor.Tokenizer.Encode(sentences, whole, cancellationToken).InputIds;
        for (var i = 0; i < sentences.Length; i++)
        {
            if (ids[i].Length > most)
                throw new ArgumentException($"The label \"{Start(sentences[i])}…\" has {ids[i].Length} tokens; expected at most {most}.");
        }
    }

    private static string Start(string text) => text.Length > 30 ? text[..30] : text;

    private static void WriteJson(CliConsole console, List<ClassifiedPicture> results, float? threshold)
    {
        if (threshold is { } least)
            console.WriteJson(results.Select(result => new { result.Picture, None = result.ShowsNone(least), Threshold = Math.Round((double)least, 4), result.Labels }));
        else console.WriteJson(results);
    }

    private static void Print(CliConsole console, IReadOnlyList<ClassifiedPicture> results, float? threshold)
    {
        var width = console.Results.Profile.Width;
        foreach (var result in results)
        {
            console.Say(TerminalText.ShownName(Path.GetFileName(result.Picture)), Decoration.Bold);
            if (threshold is { } least && result.ShowsNone(least))
            {
                // Bars of what it doesn't show would say the contrary.
                var (label, _, similarity) = result.Labels[0];
                console.Say($"none of these   (nearest is {TerminalText.ShownName(label)}, cosine {similarity:F3}; expected {least:F3})");
                continue;
            }
            var table = new Table().NoBorder().HideHeaders().AddColumns("label", "probability", "bar");
            table.Columns[1].NoWrap();
            var longest = result.Labels.Max(label => Math.Min(TerminalText.ShownName(label.Label).GetCellWidth(), width / 2));
            var bar = Math.Clamp(width - longest - BesideBars, 0, LongestBar);
            foreach (var (label, probability, _) in result.Labels)
            {
                table.AddRow(
                    new Text(TerminalText.ShownName(label)), new Text($"{probability,7:P1}"),
                    new Markup($"[green]{new string('█', (int)MathF.Round(probability * bar))}[/]"));
            }
            console.Results.Write(table);
        }
    }

    /// <summary>A picture with its labels, the most probable first.</summary>
    private sealed record ClassifiedPicture(string Picture, IReadOnlyList<LabelProbability> Labels)
    {
        public bool ShowsNone(float threshold) => !(Labels[0].Similarity >= threshold);
    }
}
