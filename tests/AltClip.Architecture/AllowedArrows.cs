namespace AltClip.Architecture;

/// <summary>
/// Which folder may use types of which: the order of docs/architecture.md, top to bottom. A folder may use those that stand before it and are
/// named; a new arrow is a decision, made here.
/// </summary>
internal static class AllowedArrows
{
    private const string Foundation = "AltClip/Shared AltClip/Native";
    private const string Reading = $"{Foundation} AltClip/Checkpoints AltClip/Hub";
    private const string Inputs = $"{Reading} AltClip/Configuration AltClip/Tokenization AltClip/Imaging";
    private const string Everything = $"{Inputs} AltClip/Modeling AltClip/Inference AltClip/Pipeline";
    private const string Training = "AltClip.Training/Augmentation AltClip.Training/Data AltClip.Training/Losses AltClip.Training/Optimization "
        + "AltClip.Training/Distributed AltClip.Training/Teacher AltClip.Training AltClip.Training/Evaluation";

    private const string Search = "AltClip.Search/Stores AltClip.Search AltClip.Search/Indexing AltClip.Search/Duplicates AltClip.Search/Sorting "
        + "AltClip.Search.DuckDB AltClip.Search.Postgres";

    /// <summary>A folder and what it may use, in order: none knows one that comes after it.</summary>
    public static IReadOnlyList<(string From, string[] To)> Table { get; } =
    [
        Row("AltClip/Shared", ""),
        Row("AltClip/Native", "AltClip/Shared"),
        Row("AltClip/Checkpoints", Foundation),
        Row("AltClip/Hub", $"{Foundation} AltClip/Checkpoints"),
        Row("AltClip/Configuration", "AltClip/Shared AltClip/Hub"),
        Row("AltClip/Tokenization", $"{Foundation} AltClip/Hub"),
        Row("AltClip/Imaging", $"{Foundation} AltClip/Hub AltClip/Configuration"),
        Row("AltClip/Modeling", Inputs),
        Row("AltClip/Inference", $"{Reading} AltClip/Configuration AltClip/Modeling"),
        Row("AltClip/Pipeline", $"{Inputs} AltClip/Modeling AltClip/Inference"),
        Row("AltClip/buildTransitive", "AltClip/Native"),

        Row("AltClip.Imaging.Magick", "AltClip/Imaging"),
        Row("AltClip.ImageSharp", "AltClip/Imaging"),
        Row("AltClip.Models.Emoji", ""),
        Row("AltClip.Onnx", "AltClip/Shared AltClip/Configuration AltClip/Modeling"),

        Row("AltClip.Training/Augmentation", "AltClip/Shared AltClip/Imaging"),
        Row("AltClip.Training/Data", $"{Everything} AltClip.Training/Augmentation"),
        Row("AltClip.Training/Losses", $"{Foundation} AltClip/Configuration AltClip/Modeling"),
        Row("AltClip.Training/Optimization", $"{Foundation} AltClip/Configuration AltClip/Modeling"),
        Row("AltClip.Training/Distributed", $"{Foundation} AltClip.Training/Losses"),
        Row("AltClip.Training/Teacher", $"{Reading} AltClip/Configuration AltClip/Tokenization AltClip/Modeling AltClip.Training/Data"),
        Row("AltClip.Training", $"{Foundation} AltClip/Checkpoints AltClip/Modeling AltClip.Training/Losses AltClip.Training/Optimization "
            + "AltClip.Training/Distributed"),
        Row("AltClip.Training/Evaluation", $"{Everything} AltClip.Training/Augmentation AltClip.Training/Data"),

        Row("AltClip.Search/Stores", Everything),
        Row("AltClip.Search/Sql", "AltClip.Search/Stores"),
        Row("AltClip.Search", $"{Everything} AltClip.Search/Stores"),
        Row("AltClip.Search/Indexing", $"{Everything} AltClip.Search/Stores AltClip.Search"),
        Row("AltClip.Search/Duplicates", "AltClip/Shared AltClip.Search/Stores"),
        Row("AltClip.Search/Sorting", $"{Everything} AltClip.Search/Indexing"),
        Row("AltClip.Search.DuckDB", "AltClip/Shared AltClip.Search/Stores AltClip.Search/Sql"),
        Row("AltClip.Search.Postgres", "AltClip.Search/Stores AltClip.Search/Sql"),

        Row("AltClip.Extensions/Batching", "AltClip/Inference"),
        Row("AltClip.Extensions", $"{Everything} AltClip.Extensions/Batching"),

        Row("AltClip.Search.Extensions", $"{Everything} AltClip.Search/Stores AltClip.Search AltClip.Search/Indexing AltClip.Extensions"),

        Row("AltClip.Cli/Shared", $"{Everything} {Training} AltClip.Search/Stores"),
        Row("AltClip.Cli/Search", $"{Everything} {Search} AltClip.Cli/Shared"),
        Row("AltClip.Cli/Preview", "AltClip/Imaging AltClip.Cli/Shared"),
        Row("AltClip.Cli/Embedding", $"{Everything} AltClip.Training/Data AltClip.Cli/Shared"),
        Row("AltClip.Cli/Commands",
            $"{Everything} {Training} {Search} AltClip.Onnx AltClip.Cli/Shared AltClip.Cli/Search AltClip.Cli/Preview AltClip.Cli/Embedding"),
        Row("AltClip.Cli", "AltClip.Imaging.Magick AltClip.Cli/Shared AltClip.Cli/Commands"),
    ];

    private static (string, string[]) Row(string from, string to) => (from, to.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
