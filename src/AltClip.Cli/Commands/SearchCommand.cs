using System.CommandLine;
using AltClip.Search;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip search QUERY…</c></summary>
internal static class SearchCommand
{
    public static Command Create(CliConsole console)
    {
        var words = new Argument<string[]>("QUERY")
        {
            Description = "What the pictures show, in any language; or a picture (a path or an address on the web) to find others like it; or several, with + and - between them. 2:snow counts twice.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var image = new Option<string[]>("--image", "-i")
        {
            Description = $"A picture to find others like it, in addition to QUERY: {PictureFile.Description} - is standard input.",
            HelpName = "FILE|URL",
        };
        var top = new Option<int>("--top", "-n") { Description = "How many pictures to give at most.", HelpName = "COUNT", DefaultValueFactory = _ => 10 };
        var minScore = new Option<double?>("--min-score") { Description = "Only pictures with this score, -1 to 1, or more.", HelpName = "SCORE" };
        var (paths, preview) = (new PathsOptions("the paths of the pictures"), new PreviewOptions());
        var (index, json) = (new PictureIndexOptions(), new JsonOption());
        var command = new CliCommand(
            "search", "Finds the indexed pictures that fit a text in any language best, or that are most like a picture. In a folder without an index it makes one.",
            "altclip search \"一只在窗边睡觉的猫\"",
            "altclip search \"2:golden retriever\" + ./pool.jpg - fruit",
            "altclip search ./cat.jpg --top 3 --preview",
            "altclip search \"a red bicycle\" --min-score 0.25 --print0 | xargs -0 cp -t found/",
            "altclip search beach --in holidays --store photos.duckdb")
        {
            words, image, top, minScore, json,
        };
        paths.AddTo(command);
        preview.AddTo(command);
        index.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(top) is <= 0 and var count) throw new UsageException($"--top is {count}; expected 1 or more.");
            if (parsed.GetValue(minScore) is { } least && !(least is >= -1 and <= 1)) throw new UsageException($"--min-score is {least}; expected -1 to 1.");
            if (paths.Any(parsed) && parsed.GetValue(json)) throw new UsageException("Give either --paths or --json.");
            var drawing = preview.Read(parsed, console);
            if (drawing is not null && (paths.Any(parsed) || parsed.GetValue(json))) throw new UsageException("--preview goes with neither --paths nor --json.");
            var query = await ReadAsync(console, parsed.GetValue(words) ?? [], parsed.GetValue(image) ?? [], cancellationToken);
            await using var opened = await index.OpenAsync(parsed, console, needsModel: true, cancellationToken);
            var (includes, gone) = (opened.Includes, new HashSet<string>(StringComparer.Ordinal));
            var options = new SearchOptions
            {
                Top = parsed.GetValue(top),
                MinScore = parsed.GetValue(minScore),
                Includes = opened.Folders.Count == 0 ? includes : id => includes?.Invoke(id) != false && IsThere(id),
            };
            var matches = await new ImageSearcher(opened.Store, opened.Model!).SearchAsync(query, options, cancellationToken);
            if (parsed.GetValue(json)) console.WriteJson(matches.Select(match => new Found(match.Image.Id, match.Score)));
            else if (paths.Any(parsed)) paths.Write(parsed, console, matches.Select(match => match.Image.Id));
            else foreach (var match in matches) Print(console, match, drawing);
            if (gone.Count > 0)
                console.Note($"Left out, as they are not there any more: {Shared.Listing.Of([.. gone.Select(ShownPath.Of)])}. {CliConsole.ToolName} index --prune takes out of the index what is gone.");
            else if (matches.Count == 0) await NoteNoneAsync(console, opened, options, cancellationToken);
            return ExitCode.Done;

            bool IsThere(string id)
            {
                if (opened.IsThere(id)) return true;
                gone.Add(id);
                return false;
            }
        });
        return command;
    }

    private static async Task<SearchQuery> ReadAsync(CliConsole console, string[] words, string[] images, CancellationToken cancellationToken)
    {
        if (images.Length == 0 && words.All(string.IsNullOrWhiteSpace)) throw new UsageException("There is no QUERY: give a text, a picture or both.");
        try
        {
            var terms = words.Length == 0 ? [] : SearchQuery.Parse(words).Terms.ToList();
            foreach (var image in images) terms.Add(SearchTerm.FromImage(await PictureFile.OpenAsync(console, image, cancellationToken)));
            return new SearchQuery(terms);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }

    // Not a table, which would break long paths: what is one line can be copied.
    private static void Print(CliConsole console, ImageMatch match, PicturePreview? drawing)
    {
        if (drawing is not null)
        {
            try
            {
                console.WriteSequence(drawing.Draw(match.Image.Id));
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                console.Note($"It can't be shown: {e.Message}");
            }
        }
        console.Out.WriteLine($"{match.Score,6:f3}  {ShownPath.Of(match.Image.Id)}");
    }

    private static async Task NoteNoneAsync(CliConsole console, PictureIndex opened, SearchOptions options, CancellationToken cancellationToken)
    {
        var all = await opened.Store.CountAsync(cancellationToken);
        console.Note(all == 0 ? "The store has no pictures."
            : options.MinScore is { } least ? $"None of the pictures has a score of {least} or more."
            : opened.Within is null ? $"--exclude leaves out all that is in the store ({Quantity.Of(all, "picture")})."
            : $"Nothing in the store ({Quantity.Of(all, "picture")}) is in {opened.Within}{(opened.Exclude.Count == 0 ? "" : ", or --exclude leaves them out")}.");
    }

    /// <summary>A picture with its cosine similarity.</summary>
    private sealed record Found(string Picture, float Score);
}
