using System.CommandLine;
using AltClip.Imaging;
using AltClip.Search;
using AltClip.Search.DuckDB;
using AltClip.Shared;
using Spectre.Console;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip index FOLDER…</c></summary>
internal static class IndexCommand
{
    public static Command Create(CliConsole console)
    {
        var folders = new Argument<string[]>("FOLDER")
        {
            Description = "Folders of pictures, with all folders in them. Default: those that are indexed, as they were.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var import = new Option<string?>("--import")
        {
            Description = "Parquet files to put into the store, with the columns id and embedding, as altclip embed writes them; * stands for any name, ** for any folders.",
            HelpName = "FILES",
        };
        var export = new Option<string?>("--export") { Description = "A Parquet file to write all embeddings to, in the end.", HelpName = "FILE" };
        var allowEmpty = new Option<bool>("--allow-empty") { Description = "Forget all pictures of a folder that has none any more, which may be a disk that isn't mounted." };
        var (which, upkeep, store, model) = (new WhichPicturesOptions(), new IndexUpkeep(), new StoreOption(), new ModelOption());
        var precision = new PrecisionOption();
        var device = new DeviceOption();
        var json = new JsonOption();
        var command = new CliCommand(
            "index", "Embeds the pictures of folders for altclip search. Again, it embeds only what has changed, and forgets what is gone.",
            "altclip index photos",
            "altclip index photos --store photos.duckdb --model BAAI/AltCLIP --precision bfloat16",
            "ALTCLIP_STORE=\"Host=db;Username=me;Password=…\" altclip index photos",
            "altclip index                                            # once more, all that is indexed",
            "altclip index --list",
            "altclip index --prune                                    # what was deleted or moved leaves the index",
            "altclip index --import \"vectors/**/*.parquet\" --model BAAI/AltCLIP")
        {
            folders, allowEmpty, import, export, store, model, precision, device, json,
        };
        which.AddTo(command);
        upkeep.AddTo(command);
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            string[] wanted = [.. parsed.GetRequiredValue(folders).Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct()];
            var (read, write) = (parsed.GetValue(import), parsed.GetValue(export));
            var place = store.Read(parsed);
            if (upkeep.Any(parsed))
            {
                if (wanted.Length > 0 || read is not null || write is not null) throw new UsageException("--list, --remove and --prune go without a FOLDER, --import and --export.");
                return await upkeep.RunAsync(parsed, console, place, parsed.GetValue(json), cancellationToken);
            }
            if (read is not null && wanted.FirstOrDefault(File.Exists) is { } second)
                throw new UsageException($"{second} is a file; expected a FOLDER. Several files to import are one pattern in quotes: --import \"*.parquet\".");
            if (write is not null) _ = OutputFile.At(write);
            var (stored, known) = await PictureIndexOptions.StoredAsync(place, cancellationToken);
            if (wanted.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing) throw Missing(missing, known);
            var isAll = wanted.Length == 0 && read is null && write is null;
            if (isAll && known.Count == 0) throw new UsageException("There is no FOLDER to index, none is indexed yet, and there is nothing to import or export.");
            var options = new AltCLIPPipelineOptions { Precision = parsed.GetValue(precision), Device = device.Read(parsed) };
            var indexing = which.Read(parsed) with { AllowEmpty = parsed.GetValue(allowEmpty) };
            if (isAll && (indexing.Exclude.Count > 0 || indexing.IncludeHidden)) throw new UsageException("--exclude and --include-hidden go with a FOLDER.");
            wanted = [.. wanted.Where(folder => !wanted.Any(above => IsCovered(folder, above, indexing)))];
            var choice = model.Read(parsed, stored);
            using var pipeline = await choice.LoadAsync(console, options, cancellationToken);
            console.Kept = () => PictureIndexOptions.Stopped(ConnectionStrings.IsPath(place) ? place : "the store");
            await using var opened = await OpenAsync(place, pipeline, choice, cancellationToken);
            console.Kept = () => PictureIndexOptions.Stopped(opened.Name);
            var imported = read is null ? null : await DuckDB(opened).ImportParquetAsync(read, cancellationToken);
            var reports = new List<ImageIndexReport>();
            foreach (var folder in wanted) NoteForgotten(console, known.FirstOrDefault(indexed => indexed.Path == folder), indexing);
            foreach (var folder in wanted) reports.Add(await IndexAsync(console, new ImageIndexer(opened, pipeline, indexing), folder, cancellationToken));
            foreach (var folder in isAll ? known : [])
            {
                if (Directory.Exists(folder.Path))
                    reports.Add(await IndexAsync(console, new ImageIndexer(opened, pipeline, folder.ToOptions(indexing)), folder.Path, cancellationToken));
                else
                    console.Note($"{folder.Path} is not there and stays in the index. If it was deleted or moved: {CliConsole.ToolName} index --prune");
            }
            var exported = write is null ? 0 : await DuckDB(opened).ExportParquetAsync(write, cancellationToken);
            var summary = Summary.Of(opened.Name, reports, imported, exported, await opened.CountAsync(cancellationToken));
            if (parsed.GetValue(json)) console.WriteJson(summary);
            else Print(console, summary);
            if (summary.Failed.Count > 0 && summary.Added + summary.Updated + summary.Unchanged + summary.Imported == 0) return ExitCode.Failed;
            return summary.Failed.Count == 0 && summary.Duplicates == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        });
        return command;
    }

    // What is typed holds, also where it is less than before: pictures that were left out then come in.
    private static void NoteForgotten(CliConsole console, IndexedFolder? before, ImageIndexerOptions now)
    {
        string[] forgotten = [.. (before?.Exclude ?? []).Except(now.Exclude).Select(pattern => $"--exclude {pattern}"), .. before?.IncludeHidden == true && !now.IncludeHidden ? ["--include-hidden"] : Array.Empty<string>()];
        if (forgotten.Length > 0)
            console.Note($"{ShownPath.Of(before!.Path)} was indexed with {string.Join(' ', forgotten)}, and is without now. {CliConsole.ToolName} index without a FOLDER keeps what each was indexed with.");
    }

    private static DirectoryNotFoundException Missing(string folder, IReadOnlyList<IndexedFolder> known) => new(File.Exists(folder)
        ? $"{folder} is a file; expected a folder of pictures."
        : $"There is no folder {folder}.{(known.Any(indexed => PictureIndexOptions.IsIn(indexed.Path, folder)) ? $" If it was deleted or moved, {CliConsole.ToolName} index --prune takes it out of the index." : "")}");

    /// <summary>Whether indexing another folder indexes this one too.</summary>
    private static bool IsCovered(string folder, string above, ImageIndexerOptions options)
    {
        if (folder == above || !PictureIndexOptions.IsIn(folder, above)) return false;
        var path = Path.GetRelativePath(above, folder).Replace(Path.DirectorySeparatorChar, '/');
        return !new PictureFilter(options.Exclude).LeavesOutAny(path) && (options.IncludeHidden || !path.Split('/').Any(name => name.StartsWith('.')));
    }

    private static async Task<IImageStore> OpenAsync(string place, AltCLIPPipeline pipeline, ModelChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            var store = await StoreOption.OpenAsync(place, PictureIndexOptions.Embeddings(pipeline, choice), readOnly: false, cancellationToken);
            await StoredModelChoice.RememberAsync(store, choice, cancellationToken);
            return store;
        }
        catch (ModelMismatchException e)
        {
            throw PictureIndexOptions.OtherModel(place, e.Stored.Id, e.Asked.Id);
        }
    }

    private static async Task<ImageIndexReport> IndexAsync(CliConsole console, ImageIndexer indexer, string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await console.IndexAsync(indexer, folder, cancellationToken);
        }
        catch (EmptyFolderException e)
        {
            throw new UsageException($"The folder {e.Folder} has no pictures, but the store has {e.Stored:N0} of it. Is a disk not mounted? To forget them, give --allow-empty.");
        }
    }

    private static DuckDBImageStore DuckDB(IImageStore store) =>
        store as DuckDBImageStore ?? throw new UsageException("--import and --export are for stores in a file.");

    private static void Print(CliConsole console, Summary summary)
    {
        foreach (var failure in summary.Failed) console.Fail(ShownPath.WithError(failure.Picture, failure.Error));
        console.Say(
            $"{summary.Added} new, {summary.Updated} changed, {summary.Unchanged} unchanged, {summary.Removed} removed, {summary.Failed.Count} unreadable");
        if (summary.Duplicates > 0)
        {
            var names = string.Join(", ", summary.DuplicateIds) + (summary.Duplicates > summary.DuplicateIds.Count ? ", …" : "");
            console.Fail($"{summary.Duplicates} rows of the imported files are left out, as one before them has their id: {names}");
        }
        if (summary.Imported > 0)
            console.Say($"{summary.Imported} imported, {summary.Replaced} of them in place of pictures of the same id");
        if (summary.Exported > 0) console.Say($"{summary.Exported} exported");
        console.Say($"{Quantity.Of(summary.Pictures, "picture")} in {ShownPath.Of(summary.Store)}");
    }

    /// <summary>What was done with all folders and files.</summary>
    private sealed record Summary(
        string Store, long Pictures, int Added, int Updated, int Unchanged, int Removed,
        long Imported, long Replaced, long Duplicates, IReadOnlyList<string> DuplicateIds, long Exported, IReadOnlyList<Failure> Failed)
    {
        public static Summary Of(
            string store, IReadOnlyList<ImageIndexReport> reports, ParquetImportReport? import, long exported, long pictures) => new(
            store, pictures, reports.Sum(report => report.Added), reports.Sum(report => report.Updated), reports.Sum(report => report.Unchanged),
            reports.Sum(report => report.Removed), import?.Imported ?? 0, import?.Replaced ?? 0, import?.Duplicates ?? 0, import?.DuplicateIds ?? [],
            exported,
            [.. reports.SelectMany(report => report.Failures).Select(failure => new Failure(failure.Id, ErrorText.Of(failure.Error)))]);
    }

    private sealed record Failure(string Picture, string Error);
}
