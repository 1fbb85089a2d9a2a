using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate zero-shot PICTURES</c></summary>
internal static class EvaluateZeroShotCommand
{
    public static Command Create(CliConsole console)
    {
        var pictures = new PromptedPicturesOptions();
        var common = new EvaluationOptions();
        var command = new CliCommand(
            "zero-shot", "Classifies pictures by the names of their classes and counts how often that is right: top-1, top-5, mean of the classes.",
            "altclip evaluate zero-shot samples/LoraFineTuning/pictures/test --template {} \"a picture of {}\"",
            "altclip evaluate zero-shot imagenet/val --classes zh_classnames.json --templates zh_zeroshot_classification_templates.json \\",
            "    --data-set imagenet1k --model BAAI/AltCLIP --json > imagenet-zh.json",
            "altclip evaluate zero-shot \"wds_cifar10/test/{0..9}.tar\" --classes wds_cifar10/classnames.txt --model BAAI/AltCLIP");
        pictures.AddTo(command);
        common.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var read = pictures.Read(parsed, cancellationToken);
            return await common.RunAsync(
                parsed, console, read.Count, async (pipeline, progress) =>
                {
                    var report = await ZeroShotEvaluation.RunAsync(pipeline, read.Examples, read.Prompts, progress, cancellationToken);
                    return new EvaluationResult(report.ToJson(), report.Table(), report.Skipped);
                }, cancellationToken);
        });
        return command;
    }
}
