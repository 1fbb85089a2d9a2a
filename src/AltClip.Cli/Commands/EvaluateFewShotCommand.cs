using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate few-shot TRAIN TEST</c></summary>
internal static class EvaluateFewShotCommand
{
    public static Command Create(CliConsole console)
    {
        var probe = new ProbeOptions();
        var defaults = new FewShotOptions();
        var shots = new Option<int[]>("--shots")
        {
            Description = "How many pictures of each class to learn from; a result for each number.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. defaults.Shots],
        };
        var draws = new Option<int>("--draws") { Description = "How often other pictures are drawn; the mean and the deviation are told.", HelpName = "N", DefaultValueFactory = _ => defaults.Draws };
        var command = new CliCommand(
            "few-shot", "Learns classes from a few labelled pictures each, drawn several times, and counts how often that is right for others.",
            "altclip evaluate few-shot samples/LoraFineTuning/pictures/train samples/LoraFineTuning/pictures/test --shots 1 2",
            "altclip evaluate few-shot train test --shots 1 2 4 8 16 --draws 5 --model BAAI/AltCLIP --json");
        probe.AddTo(command);
        command.Add(shots);
        command.Add(draws);
        command.SetJob(console, (parsed, cancellationToken) =>
        {
            int[] numbers = parsed.GetRequiredValue(shots);
            if (numbers.FirstOrDefault(own => own < 1, 1) is < 1 and var small) throw new UsageException($"--shots is {small}; expected numbers above 0.");
            if (parsed.GetValue(draws) is < 1 and var few) throw new UsageException($"--draws is {few}; expected a number above 0.");
            var options = probe.Read(parsed, new FewShotOptions { Shots = numbers, Draws = parsed.GetValue(draws) });
            return probe.RunAsync(parsed, console, null, (train, test, _, classes) =>
            {
                var report = FewShotEvaluation.Run(train, test, classes, options, cancellationToken);
                return new EvaluationResult(report.ToJson(), report.Table(), report.Skipped);
            }, cancellationToken);
        });
        return command;
    }
}
