using System.CommandLine;
using AltClip.Search;
using AltClip.Shared;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip index --list</c>, <c>--remove PATH</c> and <c>--prune</c>, which embed nothing.</summary>
internal sealed class IndexUpkeep
{
    private readonly Option<bool> _list = new("--list") { Description = "Only say which folders are indexed." };

    private readonly Option<string[]> _remove = new("--remove")
    {
        Description = "Only take a picture, or those in and below a folder, out of the index. It need not exist any more; nothing of it is deleted.",
        HelpName = "PATH",
    };

    private readonly Option<bool> _prune = new("--prune") { Description = "Only take out of the index what is not there any more: pictures and folders that were deleted or moved." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _list, _remove, _prune }) command.Add(option);
    }

    /// <summary>Whether one of them is asked for.</summary>
    public bool Any(ParseResult parsed) => parsed.GetValue(_list) || parsed.GetValue(_prune) || parsed.GetValue(_remove) is { Length: > 0 };

    /// <summary>Does what is asked for.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="console">The console.</param>
    /// <param name="place">The store.</param>
    /// <param name="asJson">Whether the result is for programs.</param>
    /// <param name="cancellationToken">Stops between folders.</param>
    public async Task<ExitCode> RunAsync(ParseResult parsed, CliConsole console, string place, bool asJson, CancellationToken cancellationToken)
    {
        string[] remove = [.. (parsed.GetValue(_remove) ?? []).Select(Path.GetFullPath)];
        var writes = remove.Length > 0 || parsed.GetValue(_prune);
        await using var store = await StoreOption.OpenAsync(place, null, readOnly: !writes, cancellationToken);
        if (writes) console.Kept = () => $"Stopped; {store.Name} is whole.";
        var (removed, gone) = (0, new List<string>());
        foreach (var folder in remove)
        {
            var count = await store.RemoveFolderAsync(folder, cancellationToken);
            if (count == 0) throw new ImageStoreException($"The store {store.Name} has no pictures of {folder}. {CliConsole.ToolName} index --list names its folders.");
            removed += count;
        }
        if (parsed.GetValue(_prune))
        {
            var (folders, count) = await store.PruneAsync(cancellationToken);
            removed += count;
            gone.AddRange(folders.Select(folder => folder.Path));
        }
        var listing = await ListAsync(store, cancellationToken);
        if (asJson) console.WriteJson(new Result(store.Name, store.Model.Id, removed, gone, listing.Folders, listing.Others));
        else Print(console, parsed, store, removed, gone, listing);
        return ExitCode.Done;
    }

    private void Print(CliConsole console, ParseResult parsed, IImageStore store, int removed, List<string> gone, (IReadOnlyList<Listed> Folders, long Others) listing)
    {
        foreach (var folder in gone) console.Out.WriteLine($"gone: {ShownPath.Of(folder)}");
        if (parsed.GetValue(_prune) || parsed.GetValue(_remove) is { Length: > 0 }) console.Say($"{Quantity.Of(removed, "picture")} taken out of the index");
        if (parsed.GetValue(_list))
        {
            foreach (var folder in listing.Folders)
            {
                var left = folder.Exclude.Count == 0 ? "" : $", without {string.Join(", ", folder.Exclude)}";
                console.Out.WriteLine($"{folder.Pictures,9:N0}  {ShownPath.Of(folder.Folder)}{left}{(folder.IncludeHidden ? ", with hidden ones" : "")}{(folder.Exists ? "" : " (gone)")}");
            }
            if (listing.Others > 0) console.Out.WriteLine($"{listing.Others,9:N0}  of no known folder");
            if (listing.Folders.Any(folder => !folder.Exists))
                console.Note($"What is gone leaves the index with {CliConsole.ToolName} index --prune.");
        }
        console.Say($"{Quantity.Of(listing.Folders.Sum(folder => folder.Pictures) + listing.Others, "picture")} of {store.Model.Id} in {ShownPath.Of(store.Name)}");
    }

    private static async Task<(IReadOnlyList<Listed> Folders, long Others)> ListAsync(IImageStore store, CancellationToken cancellationToken)
    {
        var folders = await store.ListFoldersAsync(cancellationToken);
        var (counts, others) = (new long[folders.Count], 0L);
        await foreach (var image in store.ListAsync(cancellationToken))
        {
            var place = folders.Index().FirstOrDefault(folder => folder.Item.Owns(image.Id), (-1, null!)).Index;
            if (place < 0) others++;
            else counts[place]++;
        }
        return ([.. folders.Select((folder, i) => new Listed(folder.Path, counts[i], Directory.Exists(folder.Path), folder.Exclude, folder.IncludeHidden))], others);
    }

    /// <summary>What is indexed, for programs.</summary>
    private sealed record Result(
        string Store, string Model, int Removed, IReadOnlyList<string> Gone, IReadOnlyList<Listed> Folders, long Others);

    private sealed record Listed(string Folder, long Pictures, bool Exists, IReadOnlyList<string> Exclude, bool IncludeHidden);
}
