namespace AltClip.Search;

/// <summary>A folder whose pictures are in a store, and how they were looked for.</summary>
public sealed record IndexedFolder
{
    /// <summary>The folder's full path.</summary>
    public required string Path { get; init; }

    /// <summary>The folder that ids are relative to; null where ids are full paths.</summary>
    public string? RelativeTo { get; init; }

    /// <inheritdoc cref="ImageIndexerOptions.Exclude"/>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <inheritdoc cref="ImageIndexerOptions.IncludeHidden"/>
    public bool IncludeHidden { get; init; }

    /// <summary>The options with which this folder is indexed as it was.</summary>
    /// <param name="others">All other options; null for the defaults.</param>
    public ImageIndexerOptions ToOptions(ImageIndexerOptions? others = null) =>
        (others ?? new ImageIndexerOptions()) with { RelativeTo = RelativeTo, Exclude = Exclude, IncludeHidden = IncludeHidden };

    /// <summary>Whether a picture is of this folder, by its id.</summary>
    /// <param name="id">The picture's id.</param>
    public bool Owns(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return PictureIds.Owns(PictureIds.PrefixOf(Path, RelativeTo), id);
    }

    /// <summary>Where a picture's file is, by its id.</summary>
    /// <param name="id">The id of a picture of this folder.</param>
    public string FileOf(string id) => RelativeTo is null ? id : System.IO.Path.Combine(RelativeTo, id);
}
