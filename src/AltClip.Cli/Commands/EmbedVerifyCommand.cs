using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip embed verify FOLDER</c></summary>
internal static class EmbedVerifyCommand
{
    private const int ShownProblems = 20;

    public static Command Create(CliConsole console)
    {
        var output = new Argument<string>("FOLDER") { Description = "The folder of the results." };
        var shard = new Option<string?>("--shard") { Description = "Only this shard, counted from 0.", HelpName = "I/N" };
        var acceptFailures = new AcceptFailuresOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "verify", "Reads all results of altclip embed and says whether each input is there once, or failed with a reason.",
            "altclip embed verify vectors/",
            "altclip embed verify vectors/ --shard 3/16 --json")
        {
            output, shard, acceptFailures, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            var only = ShardOption.ReadTyped(parsed, shard);
            var folder = parsed.GetRequiredValue(output);
            var shards = only is null ? new JobFolder(folder).ReadSettings().Shards : 1;
            var report = await console.WithProgressAsync(
                shards == 1 ? "Verifying" : "Verifying shards", shards, progress => JobVerifier.VerifyAsync(folder, only, progress, cancellationToken));
            if (parsed.GetValue(json)) console.WriteJson(report);
            else Print(console, report);
            return report.IsWhole ? acceptFailures.CodeOf(parsed, report.Failed) : ExitCode.Failed;
        });
        return command;
    }

    private static void Print(CliConsole console, VerifyReport report)
    {
        console.Say($"{report.Inputs:N0} inputs: {report.Embedded:N0} embeddings, {report.Failed:N0} failed with a reason");
        if (!report.IsWhole)
        {
            console.Fail(
                $"{report.Missing:N0} missing, {report.Twice:N0} twice, {report.Unknown:N0} unknown, {report.Damaged:N0} damaged, "
                + $"{report.EqualIds:N0} with another's id");
            foreach (var problem in report.Problems.Take(ShownProblems)) console.Fail(problem);
            if (report.Problems.Count > ShownProblems) console.Fail($"and {report.Problems.Count - ShownProblems:N0} problems more");
        }
    }
}
