using AltClip.Imaging;

namespace AltClip.Search;

/// <summary>How <see cref="ImageIndexer"/> looks for pictures and names them.</summary>
public sealed record ImageIndexerOptions
{
    /// <summary>
    /// The folder that ids are relative to, such as the one that a server's pictures are in; null for full paths as ids. It must be the
    /// indexed folder or one above it.
    /// </summary>
    public string? RelativeTo { get; init; }

    /// <summary>How the names of picture files end, in any case; if not set, as those of all <see cref="ImageFormats"/> do, and files without an extension count by their first bytes.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = ImageFormats.Extensions;

    /// <summary>How many embeddings are written at once. As many are computed anew where a run is killed; one that is cancelled loses none.</summary>
    public int WriteSize { get; init; } = 64;

    /// <summary>
    /// Whether a folder that has no pictures any more empties the store of its pictures. If not, that is refused: it is what a disk that isn't
    /// mounted looks like.
    /// </summary>
    public bool AllowEmpty { get; init; }

    /// <summary>
    /// Which files and folders are left out: patterns in which <c>*</c> stands for anything but <c>/</c>, <c>**</c> for anything and <c>?</c> for one
    /// character. A pattern without a <c>/</c> is of names wherever they are (<c>node_modules</c>, <c>*.thumb.jpg</c>), another of paths from the
    /// indexed folder on (<c>2019/raw</c>). Of a folder that is left out, all is.
    /// </summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether hidden files and folders count too: those whose name begins with a dot, or that Windows calls hidden.</summary>
    public bool IncludeHidden { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WriteSize);
        ArgumentNullException.ThrowIfNull(Exclude);
        _ = new PictureFilter(Exclude);
    }
}
