using System.CommandLine;
using AltClip.Imaging;
using AltClip.Search;
using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>
/// The options with which an index is found, made and brought up to date. One of the current folder, or of a folder above it that has the current one's
/// pictures too, is the tool's to keep; one that is named by <c>--store</c> or <c>ALTCLIP_STORE</c> is only read.
/// </summary>
internal sealed class PictureIndexOptions
{
    private readonly StoreOption _store = new();
    private readonly Option<bool> _noIndexing = new("--no-indexing") { Description = "Don't look for new and changed pictures first, and make no index where there is none." };
    private readonly Option<string?> _within = new("--in") { Description = "Only pictures in this folder and those below.", HelpName = "FOLDER" };
    private readonly WhichPicturesOptions _which = new();
    private readonly ModelOption _model = new();
    private readonly DeviceOption _device = new();

    public void AddTo(CliCommand command)
    {
        command.Add(_within);
        command.Add(_noIndexing);
        _which.AddTo(command);
        command.Add(_store);
        command.Add(_model);
        command.Add(_device);
    }

    /// <summary>Opens the index, makes it, or brings it up to date.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="console">The console.</param>
    /// <param name="needsModel">Whether the model is needed even if nothing is indexed.</param>
    /// <param name="cancellationToken">Stops; what is indexed is kept.</param>
    /// <exception cref="ImageStoreNotFoundException">There is no store, and none is to be made.</exception>
    /// <exception cref="ImageStoreException">It can't be opened, or its model isn't known.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public async Task<PictureIndex> OpenAsync(ParseResult parsed, CliConsole console, bool needsModel, CancellationToken cancellationToken)
    {
        var within = parsed.GetValue(_within) is { } typed ? Path.GetFullPath(typed) : null;
        if (within is not null && !Directory.Exists(within)) throw new DirectoryNotFoundException($"There is no folder {within}.");
        var (mayIndex, which) = (!parsed.GetValue(_noIndexing), _which.Read(parsed));
        var computing = new AltCLIPPipelineOptions { Device = _device.Read(parsed) };
        var opening = new Opening(parsed, console, computing, needsModel, which, cancellationToken);
        if (!_store.IsDefault(parsed)) return await OpenAsync(opening, _store.Read(parsed), within, upToDate: false);
        var here = Environment.CurrentDirectory;
        if (await FindAsync(within ?? here, cancellationToken) is { } found)
            return await OpenAsync(opening, found.File, within ?? (found.Folder == here ? null : here), upToDate: mayIndex);
        return mayIndex ? await MakeAsync(opening, here, within) : await OpenAsync(opening, _store.Read(parsed), within, upToDate: false);
    }

    /// <summary>The index of the current folder, or the nearest above it that has the folder's pictures.</summary>
    private static async Task<(string File, string Folder)?> FindAsync(string wanted, CancellationToken cancellationToken)
    {
        var here = Environment.CurrentDirectory;
        if (File.Exists(StoreOption.FileIn(here)) && !await IsBegunAsync(StoreOption.FileIn(here), cancellationToken)) return (StoreOption.FileIn(here), here);
        for (var above = Path.GetDirectoryName(here); above is not null; above = Path.GetDirectoryName(above))
        {
            var file = StoreOption.FileIn(above);
            if (File.Exists(file) && await HasAsync(file, wanted, cancellationToken)) return (file, above);
        }
        return null;
    }

    /// <summary>Whether a process that was stopped has only begun a store, which counts as none.</summary>
    private static async Task<bool> IsBegunAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await StoreOption.OpenAsync(file, null, readOnly: true, cancellationToken);
            return await IsBegunAsync(store, cancellationToken);
        }
        catch (ImageStoreNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is ImageStoreException or IOException)
        {
            // Opening it says what is wrong.
            return false;
        }
    }

    private static async Task<bool> IsBegunAsync(IImageStore store, CancellationToken cancellationToken) =>
        await store.CountAsync(cancellationToken) == 0 && (await store.ListFoldersAsync(cancellationToken)).Count == 0;

    /// <summary>The model and the folders of a store that is there; none where there is no store.</summary>
    public static async Task<(ModelChoice? Model, IReadOnlyList<IndexedFolder> Folders)> StoredAsync(string place, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await StoreOption.OpenAsync(place, null, readOnly: true, cancellationToken);
            return (await StoredModelChoice.ReadAsync(store, cancellationToken), await store.ListFoldersAsync(cancellationToken));
        }
        catch (ImageStoreNotFoundException)
        {
            return (null, []);
        }
    }

    private static async Task<bool> HasAsync(string file, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await StoreOption.OpenAsync(file, null, readOnly: true, cancellationToken);
            return (await store.ListFoldersAsync(cancellationToken)).Any(known => known.RelativeTo is null && IsIn(folder, known.Path));
        }
        catch (Exception e) when (e is ImageStoreException or IOException)
        {
            // Another program's file of this name is no reason to fail here.
            return false;
        }
    }

    private async Task<PictureIndex> MakeAsync(Opening opening, string folder, string? within)
    {
        var (_, console, computing, _, which, cancellationToken) = opening;
        var listing = new PictureFiles(folder, null, cancellationToken, which.IncludeHidden, new PictureFilter(which.Exclude));
        if (listing.Files.Count == 0)
            throw new ImageStoreNotFoundException($"There is no index here, and no pictures to make one of in {folder}. {(listing.Failures.Count == 0 ? "" : $"What can't be read is left out: {Listing.Of([.. listing.Failures.Select(failure => ShownPath.Of(failure.Path))])}. ")}To make one of another folder: {CliConsole.ToolName} index FOLDER.");
        console.Note($"There is no index here yet: the pictures in {folder} and below are indexed into {Path.GetFileName(StoreOption.FileIn(folder))}, once.");
        var file = StoreOption.FileIn(folder);
        var choice = _model.Read(opening.Parsed, (await StoredAsync(file, cancellationToken)).Model);
        var pipeline = await choice.LoadAsync(console, computing, cancellationToken);
        IImageStore? store = null;
        try
        {
            console.Kept = () => Stopped(file);
            store = await StoreOption.OpenAsync(file, Embeddings(pipeline, choice), readOnly: false, cancellationToken);
            await StoredModelChoice.RememberAsync(store, choice, cancellationToken);
            await IndexAsync(console, new ImageIndexer(store, pipeline, which), store, folder, cancellationToken);
            return new PictureIndex(store, pipeline, within, [], []);
        }
        catch (ModelMismatchException e)
        {
            pipeline.Dispose();
            throw OtherModel(file, e.Stored.Id, e.Asked.Id);
        }
        catch
        {
            pipeline.Dispose();
            if (store is not null) await store.DisposeAsync();
            throw;
        }
    }

    private async Task<PictureIndex> OpenAsync(Opening opening, string place, string? within, bool upToDate)
    {
        var (parsed, console, computing, needsModel, which, cancellationToken) = opening;
        var store = await StoreOption.OpenAsync(place, null, readOnly: true, cancellationToken);
        AltCLIPPipeline? pipeline = null;
        try
        {
            if (which.IncludeHidden && (await store.ListFoldersAsync(cancellationToken)).All(folder => !folder.IncludeHidden))
                console.Note($"The index has no hidden pictures; {CliConsole.ToolName} index FOLDER --include-hidden puts them into it.");
            IReadOnlyList<IndexedFolder> changed = upToDate ? await ChangedAsync(console, store, within, cancellationToken) : [];
            if (needsModel || changed.Count > 0)
            {
                var choice = await ChoiceAsync(parsed, store, cancellationToken);
                if (parsed.GetValue(_model) is not null) RefuseOther(store, choice);
                pipeline = await StoredModelChoice.LoadAsync(store, choice, console, computing, cancellationToken);
                RefuseOther(store, choice);
            }
            if (changed.Count > 0)
            {
                await store.DisposeAsync();
                store = await UpdateAsync(console, place, pipeline!, changed, cancellationToken);
            }
            if (await IsBegunAsync(store, cancellationToken))
                throw new ImageStoreNotFoundException($"The store {store.Name} has no pictures yet. To put some into it: {CliConsole.ToolName} index FOLDER.");
            return new PictureIndex(store, pipeline, within, which.Exclude, upToDate ? await store.ListFoldersAsync(cancellationToken) : []);
        }
        catch
        {
            pipeline?.Dispose();
            await store.DisposeAsync();
            throw;
        }
    }

    private async Task<ModelChoice> ChoiceAsync(ParseResult parsed, IImageStore store, CancellationToken cancellationToken)
    {
        var remembered = await StoredModelChoice.ReadAsync(store, cancellationToken);
        if (remembered is null && parsed.GetValue(_model) is null)
            throw new ImageStoreException($"The store {store.Name} has embeddings of {store.Model.Id}, and doesn't know where that is. Give it with --model.");
        return _model.Read(parsed, remembered);
    }

    private static void RefuseOther(IImageStore store, ModelChoice choice)
    {
        if (choice.Name != store.Model.Id) throw OtherModel(store.Name, store.Model.Id, choice.Name);
    }

    /// <summary>Says that a store has embeddings of another model than the one that was asked for.</summary>
    public static ImageStoreException OtherModel(string store, string stored, string asked) =>
        new($"The store {store} has embeddings of {stored}; found {asked}. A model is told by its folder's name or id. Leave --model out to use {stored}, give another --store, or delete this one and index anew.");

    /// <summary>What a store calls a model's embeddings.</summary>
    public static EmbeddingModel Embeddings(AltCLIPPipeline pipeline, ModelChoice choice) => new(choice.Name, pipeline.Model.Config.ProjectionDim);

    /// <summary>The store's folders in which something has changed. One that isn't there may be on a disk that isn't mounted, and stays as it is.</summary>
    private static async Task<IReadOnlyList<IndexedFolder>> ChangedAsync(CliConsole console, IImageStore store, string? within, CancellationToken cancellationToken)
    {
        List<IndexedFolder> changed = [];
        foreach (var folder in await store.ListFoldersAsync(cancellationToken))
        {
            if (!Directory.Exists(folder.Path) || within is not null && !IsIn(within, folder.Path) && !IsIn(folder.Path, within)) continue;
            var changes = await ImageIndexer.FindChangesAsync(store, folder.Path, folder.ToOptions(), cancellationToken);
            if (changes.Any && changes.Added + changes.Updated + changes.Unchanged > 0) changed.Add(folder);
            else NoteFailures(console, changes.Failures);
        }
        return changed;
    }

    private static async Task<IImageStore> UpdateAsync(
        CliConsole console, string place, AltCLIPPipeline pipeline, IReadOnlyList<IndexedFolder> changed, CancellationToken cancellationToken)
    {
        IImageStore store;
        try
        {
            store = await StoreOption.OpenAsync(place, null, readOnly: false, cancellationToken);
        }
        catch (Exception e) when (e is ImageStoreException or IOException)
        {
            console.Note($"Pictures have changed, but the index can't be written to, and is searched as it is: {e.Message}");
            return await StoreOption.OpenAsync(place, null, readOnly: true, cancellationToken);
        }
        try
        {
            foreach (var folder in changed)
                await IndexAsync(console, new ImageIndexer(store, pipeline, folder.ToOptions()), store, folder.Path, cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static async Task IndexAsync(CliConsole console, ImageIndexer indexer, IImageStore store, string folder, CancellationToken cancellationToken)
    {
        console.Kept = () => Stopped(store.Name);
        var report = await console.IndexAsync(indexer, folder, cancellationToken);
        console.Kept = null;
        if (report.Added + report.Updated + report.Removed > 0)
            console.Note($"Indexed: {report.Added} new, {report.Updated} changed, {report.Removed} removed.");
        NoteFailures(console, report.Failures);
    }

    /// <summary>What a command says that was stopped while it indexed. It is set before the store is made: what is begun then is gone on with.</summary>
    public static string Stopped(string store) => $"Stopped; what was embedded is in {store}; the same command goes on.";

    private static void NoteFailures(CliConsole console, IReadOnlyList<ImageFailure> failures)
    {
        if (failures.Count > 0)
            console.Note($"What can't be read is left out: {Listing.Of([.. failures.Select(failure => ShownPath.Of(failure.Id))])}; {CliConsole.ToolName} index says why.");
    }

    /// <summary>Whether a path is that of a folder, or of what is in it.</summary>
    public static bool IsIn(string path, string folder) =>
        path == folder || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // What does not change while an index is opened.
    private sealed record Opening(
        ParseResult Parsed, CliConsole Console, AltCLIPPipelineOptions Computing, bool NeedsModel, ImageIndexerOptions Which, CancellationToken CancellationToken);
}
