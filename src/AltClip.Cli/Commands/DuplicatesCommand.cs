using System.CommandLine;
using AltClip.Search;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip duplicates</c></summary>
internal static class DuplicatesCommand
{
    public static Command Create(CliConsole console)
    {
        var similarity = new Option<double>("--similarity")
        {
            Description = "From which cosine of embeddings on pictures are near-duplicates, 0 to 1. Sizes and qualities of one photograph usually have 0.95 and more.",
            HelpName = "COSINE",
            DefaultValueFactory = _ => 0.95,
        };
        var exact = new Option<bool>("--exact") { Description = "Only files that are equal to the byte." };
        var (paths, index, json) = (new PathsOptions("of each group all paths but the first"), new PictureIndexOptions(), new JsonOption());
        var command = new CliCommand(
            "duplicates", "Finds indexed pictures that are there more than once: equal files first, then groups that look the same. It changes none.",
            "altclip duplicates",
            "altclip duplicates --in holidays --similarity 0.98",
            "altclip duplicates --exact --print0 | xargs -0 -p rm      # asks before it deletes",
            "altclip duplicates --json")
        {
            similarity, exact, json,
        };
        paths.AddTo(command);
        index.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(similarity) is var least && !(least is >= 0 and <= 1)) throw new UsageException($"{similarity.Name} is {least}; expected 0 to 1.");
            if (paths.Any(parsed) && parsed.GetValue(json)) throw new UsageException("Give either --paths or --json.");
            await using var opened = await index.OpenAsync(parsed, console, needsModel: false, cancellationToken);
            var options = new DuplicateOptions { Similarity = parsed.GetValue(exact) ? null : least, Includes = opened.Includes };
            var report = await console.WithStatusAsync(
                "Comparing pictures", () => DuplicateFinder.FindAsync(opened.Store, options, cancellationToken: cancellationToken));
            if (parsed.GetValue(json)) console.WriteJson(new Result(report.Compared, report.Missing, report.Groups));
            else if (paths.Any(parsed)) paths.Write(parsed, console, report.Groups.SelectMany(group => group.Images.Skip(1)).Select(image => image.Id));
            else Print(console, report);
            if (report.Missing.Count > 0)
                console.Fail($"{Quantity.Of(report.Missing.Count, "picture")} can't be read and {(report.Missing.Count == 1 ? "is" : "are")} left out: {Listing.Of([.. report.Missing.Select(ShownPath.Of)])}");
            return report.Missing.Count == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void Print(CliConsole console, DuplicateReport report)
    {
        foreach (var group in report.Groups)
        {
            console.Out.WriteLine(group.IsExact ? $"equal, {Bytes(group.Images[0].Size)} each" : "similar");
            foreach (var image in group.Images)
                console.Out.WriteLine(group.IsExact ? $"  {ShownPath.Of(image.Id)}" : $"  {image.Similarity:f3}  {Bytes(image.Size),9}  {ShownPath.Of(image.Id)}");
            console.Out.WriteLine();
        }
        var copies = report.Groups.Where(group => group.IsExact).Sum(group => group.Images.Count - 1);
        var near = report.Groups.Where(group => !group.IsExact).Sum(group => group.Images.Count - 1);
        console.Say($"{Quantity.Of(report.Compared, "picture")}: {copies:N0} {(copies == 1 ? "copy" : "copies")}, {Quantity.Of(near, "near-duplicate")}");
    }

    private static string Bytes(long size) => size switch
    {
        < 1000 => $"{size} B",
        < 1_000_000 => $"{size / 1e3:f1} kB",
        < 1_000_000_000 => $"{size / 1e6:f1} MB",
        _ => $"{size / 1e9:f1} GB",
    };

    /// <summary>What was found, for programs.</summary>
    private sealed record Result(int Pictures, IReadOnlyList<string> Missing, IReadOnlyList<DuplicateGroup> Groups);
}
