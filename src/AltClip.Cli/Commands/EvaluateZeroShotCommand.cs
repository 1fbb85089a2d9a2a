using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate zero-shot PICTURES</c></summary>
internal static class EvaluateZeroShotCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new Argument<string>("PICTURES") { Description = $"The pictures: {LabelledPicturesOptions.Forms}" };
        var labelled = new LabelledPicturesOptions();
        var templates = new Option<string?>("--templates") { Description = "JSON, or lines of a .txt, with sentences with {c} in the class's place, as CLIP_benchmark's.", HelpName = "FILE" };
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
            "    --data-set imagenet1k --model BAAI/AltCLIP --json > imagenet-zh.json",
            "altclip evaluate zero-shot \"wds_cifar10/test/{0..9}.tar\" --classes wds_cifar10/classnames.txt --model BAAI/AltCLIP")
        {
            pictures,
        };
        labelled.AddTo(command);
        command.Add(templates);
        command.Add(sentences);
        common.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var (path, classesFile, given) = (parsed.GetRequiredValue(pictures), parsed.GetValue(labelled.Classes), parsed.GetValue(sentences));
            if (parsed.GetValue(templates) is not null && classesFile is null) throw new UsageException("--templates goes with --classes; else give --template.");
            if (parsed.GetValue(templates) is not null && given is { Length: > 0 }) throw new UsageException("--templates and --template can't be given both.");
            if (!Directory.Exists(path) && Path.Exists(path) && classesFile is null) throw new UsageException("A list of pictures needs --classes, the names of its classes.");
            var prompts = classesFile is null ? null : ZeroShotPrompts.FromFiles(classesFile, parsed.GetValue(templates), parsed.GetValue(labelled.DataSet));
            IReadOnlyList<LabelledImage> examples = labelled.Read(parsed, path, prompts, cancellationToken);
            if (prompts is null && !Directory.Exists(path)) throw new UsageException("Shards of pictures need --classes, the names of their classes.");
            prompts ??= ZeroShotPrompts.Create(((LabelledImages)examples).Classes);
            if (given is { Length: > 0 }) prompts = prompts.WithTemplates(given);
            var count = prompts.Labels is { } part ? LabelledImages.Part(examples, part).Count : examples.Count;
            return await common.RunAsync(
                parsed, console, count, async (pipeline, progress) =>
                {
                    var report = await ZeroShotEvaluation.RunAsync(pipeline, examples, prompts, progress, cancellationToken);
                    return new EvaluationResult(report.ToJson(), report.ToString(), report.Skipped);
                }, cancellationToken);
        });
        return command;
    }
}
