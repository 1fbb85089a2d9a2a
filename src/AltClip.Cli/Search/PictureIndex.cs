using AltClip.Imaging;
using AltClip.Search;

namespace AltClip.Cli;

/// <summary>A store that is open, with the model of its embeddings.</summary>
/// <param name="Store">The store.</param>
/// <param name="Model">The model; null where none is needed.</param>
/// <param name="Within">The folder whose pictures are meant, where the store has others too; null for all.</param>
/// <param name="Exclude">Patterns of pictures that are not meant, by their path from the folder or else from the current folder on.</param>
/// <param name="Folders">The folders of an index that is the tool's to keep; none of a store that is searched as it is, which may be of another machine.</param>
internal sealed record PictureIndex(
    IImageStore Store, AltCLIPPipeline? Model, string? Within, IReadOnlyList<string> Exclude, IReadOnlyList<IndexedFolder> Folders) : IAsyncDisposable
{
    /// <summary>Whether a picture's file is there, by its id, as far as that can be told.</summary>
    public bool IsThere(string id) => Folders.FirstOrDefault(folder => folder.Owns(id)) is not { } folder || File.Exists(folder.FileOf(id));

    /// <summary>Whether a picture is meant, by its id; null if all are.</summary>
    public Func<string, bool>? Includes
    {
        get
        {
            if (Within is null && Exclude.Count == 0) return null;
            var (within, here) = (Within is null ? null : IdStart(Within), IdStart(Within ?? Environment.CurrentDirectory));
            var filter = new PictureFilter(Exclude);
            return id => (within is null || id.StartsWith(within, StringComparison.Ordinal))
                && !filter.LeavesOutAny(id.StartsWith(here, StringComparison.Ordinal) ? id[here.Length..] : id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Model?.Dispose();
        await Store.DisposeAsync();
    }

    private static string IdStart(string folder) => $"{folder.Replace(Path.DirectorySeparatorChar, '/').TrimEnd('/')}/";
}
