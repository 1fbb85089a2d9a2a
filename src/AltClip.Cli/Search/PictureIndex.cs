using AltClip.Search;

namespace AltClip.Cli;

/// <summary>A store that is open, with the model of its embeddings.</summary>
/// <param name="Store">The store.</param>
/// <param name="Model">The model; null where none is needed.</param>
/// <param name="Within">The folder whose pictures are meant, where the store has others too; null for all.</param>
internal sealed record PictureIndex(IImageStore Store, AltCLIPPipeline? Model, string? Within) : IAsyncDisposable
{
    /// <summary>Whether a picture is meant, by its id; null if all are.</summary>
    public Func<string, bool>? Includes => Within is null ? null : id => id.StartsWith(IdStart(Within), StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        Model?.Dispose();
        await Store.DisposeAsync();
    }

    private static string IdStart(string folder) => $"{folder.Replace(Path.DirectorySeparatorChar, '/').TrimEnd('/')}/";
}
