using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate linear-probe TRAIN TEST</c></summary>
internal static class EvaluateLinearProbeCommand
{
    public static Command Create(CliConsole console)
    {
        var probe = new ProbeOptions();
        var validation = new Option<string?>("--validation") { Description = "The pictures that the decay is searched on, in one of these forms. Default: a fifth of each class of TRAIN.", HelpName = "PICTURES" };
        var command = new CliCommand(
            "linear-probe", "Learns classes from embeddings of labelled pictures by logistic regression, and counts how often that is right for others.",
            "altclip evaluate linear-probe samples/LoraFineTuning/pictures/train samples/LoraFineTuning/pictures/test",
            "altclip evaluate linear-probe \"wds_cifar10/train/{0..49}.tar\" \"wds_cifar10/test/{0..9}.tar\" --classes wds_cifar10/classnames.txt --model BAAI/AltCLIP --json");
        probe.AddTo(command);
        command.Add(validation);
        command.SetJob(console, (parsed, cancellationToken) =>
        {
            var options = probe.Read(parsed, new LinearProbeOptions());
            return probe.RunAsync(parsed, console, parsed.GetValue(validation), (train, test, validating, classes) =>
            {
                var report = LinearProbeEvaluation.Run(train, test, classes, options, validating, cancellationToken);
                return new EvaluationResult(report.ToJson(), report.Table(), report.Skipped);
            }, cancellationToken);
        });
        return command;
    }
}
