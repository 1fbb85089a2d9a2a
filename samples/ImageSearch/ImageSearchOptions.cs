namespace ImageSearch;

/// <summary>What the app searches: the section <c>ImageSearch</c> of its configuration, or <c>--folder</c>, <c>--model</c> and <c>--store</c>.</summary>
internal sealed class ImageSearchOptions
{
    /// <summary>The folder of the pictures; null for this repository's emoji.</summary>
    public string? Folder { get; set; }

    /// <summary>A model folder, or an id of the Hugging Face Hub; null for the model in this repository, which knows emoji only.</summary>
    public string? Model { get; set; }

    /// <summary>
    /// Where the embeddings are kept: a file for DuckDB, or a connection string of PostgreSQL. Null for a file beside the program, one for each model.
    /// </summary>
    public string? Store { get; set; }

    /// <summary>The most bytes that a dropped picture may have.</summary>
    public long MaxUploadBytes { get; set; } = 20 << 20;

    /// <summary>How many dropped pictures are received, wait and are decoded at a time. One more is turned away for the moment.</summary>
    public int MaxUploads { get; set; } = 16;

    /// <summary>How many of them are decoded at a time: each may take 4 bytes for each of <see cref="MaxPixels"/>.</summary>
    public int MaxDecodes { get; set; } = 2;

    /// <summary>How long a dropped picture may take to arrive.</summary>
    public TimeSpan MaxUploadTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the index forgets all pictures where the folder has none any more, as where a disk isn't mounted.</summary>
    public bool AllowEmpty { get; set; }

    /// <summary>The most pixels that a picture may have. One that claims more is refused before it takes the memory for them.</summary>
    public long MaxPixels { get; set; } = 60_000_000;

    /// <summary>The most memory for small copies of pictures, in bytes.</summary>
    public long ThumbnailBytes { get; set; } = 64 << 20;

    /// <summary>What the page says of the model: null where there is nothing to say.</summary>
    public string? ModelNote => Model is null ? "This model knows emoji and no photographs: for those, start with --model BAAI/AltCLIP." : null;

    /// <summary>Texts that the page offers to try.</summary>
    public IReadOnlyList<string> Examples => Folder is null && Model is null ? ["penguin", "火箭", "tête de chien", "ピザ", "гитара", "صبار"] : [];

    /// <summary>The options with their defaults, and paths relative to the current folder made full ones.</summary>
    public (string Folder, string Model, string Store) Resolve()
    {
        var model = Model ?? InRepository("models", "altclip-emoji");
        if (Directory.Exists(model)) model = Path.GetFullPath(model);
        var name = Path.GetFileName(model.TrimEnd('/', '\\'));
        return (
            Path.GetFullPath(Folder ?? InRepository("tests", "data", "emoji")), model,
            Store ?? Path.Combine(AppContext.BaseDirectory, $"pictures-{string.Concat(name.Split(Path.GetInvalidFileNameChars()))}.duckdb"));
    }

    private static string InRepository(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AltClip.sln"))) return Path.Combine([folder.FullName, .. parts]);
        throw new DirectoryNotFoundException("The program is not in the repository; give --folder and --model.");
    }
}
