using System.CommandLine;
using AltClip.Search;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip sort FOLDER --labels LABEL… --into FOLDER</c></summary>
internal static class SortCommand
{
    public static Command Create(CliConsole console)
    {
        var folder = new Argument<string[]>("FOLDER") { Description = "The folder with the pictures, and all folders in it.", Arity = ArgumentArity.ZeroOrMore };
        var labels = new LabelsOption("The labels, in any language: each gets a folder of its name.");
        var into = new Option<string>("--into") { Description = "The folder that gets a folder for each label.", HelpName = "FOLDER", Required = true };
        var templates = new TemplatesOption();
        var copy = new Option<bool>("--copy") { Description = "Copy the pictures." };
        var link = new Option<bool>("--link") { Description = "Make symbolic links to the pictures." };
        var least = new Option<double>("--min-probability")
        {
            Description = "Leave out pictures whose best label has less than this, 0 to 1.",
            HelpName = "NUMBER",
        };
        var (which, model, precision, device, json) = (new WhichPicturesOptions(), new ModelOption(), new PrecisionOption(), new DeviceOption(), new JsonOption());
        var command = new CliCommand(
            "sort", "Sorts pictures by labels into folders: first it only shows where each would go, with --copy or --link it does so. The pictures stay where they are.",
            "altclip sort photos --labels cat dog \"a landscape\" --into sorted",
            "altclip sort photos --labels cat dog \"a landscape\" --into sorted --link",
            "altclip sort photos --labels 发票 照片 --into sorted --copy --min-probability 0.6 --model BAAI/AltCLIP")
        {
            folder, labels, into, templates, copy, link, least, model, precision, device, json,
        };
        which.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(copy) && parsed.GetValue(link)) throw new UsageException("Give either --copy or --link.");
            var (names, sources) = labels.Read(parsed, folder, Directory.Exists);
            if (sources is not [var source]) throw new UsageException($"{sources.Length} folders are given; expected one FOLDER.");
            if (!Directory.Exists(source)) throw new DirectoryNotFoundException(File.Exists(source) ? $"{source} is a file; expected a folder of pictures." : $"There is no folder {source}.");
            if (parsed.GetValue(least) is var probability && !(probability is >= 0 and <= 1)) throw new UsageException($"{least.Name} is {probability}; expected 0 to 1.");
            var wanted = which.Read(parsed);
            LabelsOption.NoteOne(console, names);
            var options = new PictureSortOptions
            {
                Templates = templates.Read(parsed),
                MinProbability = probability,
                Exclude = wanted.Exclude,
                IncludeHidden = wanted.IncludeHidden,
            };
            var computing = new AltCLIPPipelineOptions { Precision = parsed.GetValue(precision), Device = device.Read(parsed) };
            using var pipeline = await model.LoadAsync(parsed, console, computing, cancellationToken);
            var plan = await console.WithImageProgressAsync("Looking at pictures", progress =>
                PictureSorter.PlanAsync(pipeline, source, names, parsed.GetRequiredValue(into), options, progress, cancellationToken));
            PictureSortAction? action = parsed.GetValue(copy) ? PictureSortAction.Copy : parsed.GetValue(link) ? PictureSortAction.Link : null;
            PictureSortReport? report = null;
            if (action is { } chosen)
            {
                console.Kept = () => $"Stopped; what is in {plan.Into} is whole, and the same command goes on.";
                report = await console.WithImageProgressAsync("Sorting pictures", progress => PictureSorter.ApplyAsync(plan, chosen, progress, cancellationToken));
            }
            IReadOnlyList<ImageFailure> failures = [.. plan.Failures, .. report?.Failures ?? []];
            if (parsed.GetValue(json)) console.WriteJson(new Result(plan.Into, action, report?.Done ?? 0, report?.Pictures ?? plan.Pictures, [.. failures.Select(failure => new Failure(failure.Id, ErrorText.Of(failure.Error)))]));
            else Print(console, plan, report, action);
            foreach (var failure in failures) console.Fail(ShownPath.WithError(failure.Id, ErrorText.Of(failure.Error)));
            return failures.Count == 0 ? ExitCode.Done : (report?.Pictures ?? plan.Pictures).Count == 0 ? ExitCode.Failed : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void Print(CliConsole console, PictureSortPlan plan, PictureSortReport? report, PictureSortAction? action)
    {
        var pictures = report?.Pictures ?? plan.Pictures;
        foreach (var group in pictures.Where(picture => picture.Target is not null).GroupBy(picture => Path.GetDirectoryName(picture.Target!)!).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            console.Out.WriteLine($"{ShownPath.Of(group.Key)}{Path.DirectorySeparatorChar}");
            foreach (var picture in group)
            {
                var name = TerminalText.ShownName(Path.GetFileName(picture.Target!));
                console.Out.WriteLine($"  {picture.Probability,7:P1}  {ShownPath.Of(picture.Picture)}{(name == TerminalText.ShownName(Path.GetFileName(picture.Picture)) ? "" : $" as {name}")}{(picture.IsThere ? " (there already)" : "")}");
            }
        }
        var (stay, there) = (pictures.Count(picture => picture.Target is null), pictures.Count(picture => picture.IsThere));
        var rest = (there > 0 ? $", {there:N0} there already" : "") + (stay > 0 ? $", {stay:N0} that fit no label well enough left out" : "");
        if (report is null)
        {
            console.Say($"{Quantity.Of(pictures.Count - stay - there, "picture")} would go into {ShownPath.Of(plan.Into)}{rest}");
            console.Note("Nothing was done yet: the same command with --link or --copy does it.");
        }
        else
        {
            console.Say($"{Quantity.Of(report.Done, "picture")} {(action == PictureSortAction.Copy ? "copied" : "linked")} into {ShownPath.Of(plan.Into)}{rest}");
        }
    }

    /// <summary>The plan, or what was done, for programs.</summary>
    private sealed record Result(
        string Into, PictureSortAction? Action, int Done, IReadOnlyList<SortedPicture> Pictures, IReadOnlyList<Failure> Failed);

    private sealed record Failure(string Picture, string Error);
}
