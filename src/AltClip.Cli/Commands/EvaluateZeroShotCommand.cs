using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate zero-shot PICTURES</c></summary>
internal static class EvaluateZeroShotCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new Argument<string>("PICTURES") { Description = "A folder with a folder of pictures for each class; or a list (TSV, CSV, JSON Lines) of pictures and classes." };
        var images = new Option<string?>("--images", "-i") { Description = "The folder that a list's pictures are in. Default: the list's own.", HelpName = "FOLDER" };
        var classes = new Option<string?>("--classes", "-c")
        {
            Description = "The classes' names in the order of the folders or of the list's numbers: JSON, as CLIP_benchmark's zh_classnames.json. Default: the folders' names.",
            HelpName = "FILE",
        };
        var named = new Option<bool>("--named") { Description = "The list has the classes' names and not their numbers." };
        var templates = new Option<string?>("--templates") { Description = "JSON with sentences with {c} in the class's place, as CLIP_benchmark's.", HelpName = "FILE" };
        var dataSet = new Option<string?>("--data-set") { Description = "The data set's name in --classes and --templates, as imagenet1k.", HelpName = "NAME" };
        var sentences = new TextsOption("--template", "-t")
        {
            Description = "A sentence with {} in the class's place. Several are averaged.",
            HelpName = "SENTENCE",
        };
        var common = new EvaluationOptions();
        var command = new CliCommand(
            "zero-shot", "Classifies pictures by the names of their classes and counts how often that is right: top-1, top-5, mean of the classes.",
            "altclip evaluate zero-shot samples/LoraFineTuning/pictures/test --template {} \"a picture of {}\"",
            "altclip evaluate zero-shot imagenet/val --classes zh_classnames.json --templates zh_zeroshot_classification_templates.json \\",
            "    --data-set imagenet1k --model BAAI/AltCLIP --json > imagenet-zh.json")
        {
            pictures, images, classes, named, templates, dataSet, sentences,
        };
        common.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var (path, classesFile, given) = (parsed.GetRequiredValue(pictures), parsed.GetValue(classes), parsed.GetValue(sentences));
            if (parsed.GetValue(templates) is not null && classesFile is null) throw new UsageException("--templates goes with --classes; else give --template.");
            if (parsed.GetValue(templates) is not null && given is { Length: > 0 }) throw new UsageException("--templates and --template can't be given both.");
            var isFolder = Directory.Exists(path);
            if (!isFolder && !File.Exists(path)) throw new FileNotFoundException($"There is no folder or list {path}.", path);
            if (!isFolder && classesFile is null) throw new UsageException("A list of pictures needs --classes, the names of its classes.");
            var prompts = classesFile is null ? null : ZeroShotPrompts.FromFiles(classesFile, parsed.GetValue(templates), parsed.GetValue(dataSet));
            var examples = isFolder
                ? LabelledImages.FromFolders(path)
                : LabelledImages.FromFile(path, parsed.GetValue(named) ? prompts!.Classes : null, new() { ImageFolder = parsed.GetValue(images) });
            if (prompts is null || given is { Length: > 0 })
                prompts = ZeroShotPrompts.Create(prompts?.Classes ?? examples.Classes, given is { Length: > 0 } ? given : null);
            return await common.RunAsync(
                parsed, console, examples.Count, async (pipeline, progress) =>
                {
                    var report = await ZeroShotEvaluation.RunAsync(pipeline, examples, prompts, progress, cancellationToken);
                    return new EvaluationResult(report.ToJson(), report.ToString(), report.Skipped);
                }, cancellationToken);
        });
        return command;
    }
}
