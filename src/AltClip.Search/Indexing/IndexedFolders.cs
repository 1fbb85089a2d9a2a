using System.Text.Json;

namespace AltClip.Search;

/// <summary>The folders that <see cref="ImageIndexer"/> has put into a store, which the store remembers.</summary>
public static class IndexedFolders
{
    private const string Prefix = "folder:";

    /// <summary>Lists the folders, in the order of their paths. Those of stores that know no settings, and imported pictures, are not among them.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ImageStoreException">What the store remembers is not of this library.</exception>
    public static async Task<IReadOnlyList<IndexedFolder>> ListFoldersAsync(this IImageStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var settings = await store.GetSettingsAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. settings.Where(setting => setting.Key.StartsWith(Prefix, StringComparison.Ordinal))
                .Select(setting => Read(store, setting.Key[Prefix.Length..], setting.Value)).OrderBy(folder => folder.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Takes the pictures in and below a folder out of a store, and forgets the folder; or one picture. It need not exist. The names of pictures of no known
    /// folder, as imported ones', are taken for paths from the current folder on.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="folder">The folder, or one that was indexed with a folder above it, or a picture.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>How many pictures there were.</returns>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    public static async Task<int> RemoveFolderAsync(this IImageStore store, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.GetFullPath(folder);
        var folders = await store.ListFoldersAsync(cancellationToken).ConfigureAwait(false);
        var above = folders.FirstOrDefault(known => IsIn(path, known.Path));
        var (prefix, picture) = (PictureIds.PrefixOf(path, above?.RelativeTo), PictureIds.Of(path, above?.RelativeTo));
        var here = Environment.CurrentDirectory;
        var (prefixHere, pictureHere) = (PictureIds.PrefixOf(path, here), PictureIds.Of(path, here));
        var ids = new List<string>();
        await foreach (var image in store.ListAsync(cancellationToken).ConfigureAwait(false))
            if (IsMeant(image.Id)) ids.Add(image.Id);
        var removed = await store.DeleteAsync(ids, cancellationToken).ConfigureAwait(false);
        foreach (var known in folders.Where(known => IsIn(known.Path, path))) await ForgetAsync(store, known, cancellationToken).ConfigureAwait(false);
        return removed;

        bool IsMeant(string id) => id == picture || PictureIds.Owns(prefix, id) || folders.Any(known => IsIn(known.Path, path) && known.Owns(id))
            || !Path.IsPathRooted(id) && !folders.Any(known => known.Owns(id)) && (id == pictureHere || PictureIds.Owns(prefixHere, id));
    }

    /// <summary>Takes the pictures out of a store whose files are gone, and forgets folders that are.</summary>
    /// <param name="store">The store. Pictures whose id says nothing of where they are, as imported ones', stay in it.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The folders that are gone, and how many pictures were taken out.</returns>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    public static async Task<(IReadOnlyList<IndexedFolder> Folders, int Removed)> PruneAsync(this IImageStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var folders = await store.ListFoldersAsync(cancellationToken).ConfigureAwait(false);
        IndexedFolder[] gone = [.. folders.Where(folder => !Directory.Exists(folder.Path))];
        var ids = new List<string>();
        await foreach (var image in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            var file = folders.FirstOrDefault(folder => folder.Owns(image.Id))?.FileOf(image.Id) ?? (Path.IsPathRooted(image.Id) ? image.Id : null);
            if (file is not null && !File.Exists(file)) ids.Add(image.Id);
        }
        var removed = await store.DeleteAsync(ids, cancellationToken).ConfigureAwait(false);
        foreach (var folder in gone) await ForgetAsync(store, folder, cancellationToken).ConfigureAwait(false);
        return (gone, removed);
    }

    /// <summary>Remembers a folder, unless one above it is known; those in it are of it then.</summary>
    internal static async Task RememberAsync(IImageStore store, IndexedFolder folder, CancellationToken cancellationToken)
    {
        var folders = await store.ListFoldersAsync(cancellationToken).ConfigureAwait(false);
        if (folders.Any(known => known.Path != folder.Path && IsIn(folder.Path, known.Path))) return;
        foreach (var known in folders.Where(known => known.Path != folder.Path && IsIn(known.Path, folder.Path)))
            await ForgetAsync(store, known, cancellationToken).ConfigureAwait(false);
        var value = JsonSerializer.Serialize(new Stored(folder.RelativeTo, folder.Exclude, folder.IncludeHidden));
        var settings = await store.GetSettingsAsync(cancellationToken).ConfigureAwait(false);
        if (settings.GetValueOrDefault(Prefix + folder.Path) != value)
            await store.SetSettingAsync(Prefix + folder.Path, value, cancellationToken).ConfigureAwait(false);
    }

    private static Task ForgetAsync(IImageStore store, IndexedFolder folder, CancellationToken cancellationToken) =>
        store.SetSettingAsync(Prefix + folder.Path, null, cancellationToken);

    private static bool IsIn(string path, string folder) =>
        path == folder || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IndexedFolder Read(IImageStore store, string path, string json)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(json) ?? throw new JsonException("null");
            return new IndexedFolder { Path = path, RelativeTo = stored.RelativeTo, Exclude = stored.Exclude ?? [], IncludeHidden = stored.IncludeHidden };
        }
        catch (JsonException e)
        {
            throw new ImageStoreException($"{store.Name}: what it remembers of the folder {path} is not of AltClip.Search: {e.Message}", e);
        }
    }

    private sealed record Stored(string? RelativeTo, IReadOnlyList<string>? Exclude, bool IncludeHidden);
}
