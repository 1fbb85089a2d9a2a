using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>Tells kinds of inputs apart.</summary>
internal static class InputSources
{
    /// <summary>Opens folders, lists, tar files and Parquet files. Nothing is read yet.</summary>
    /// <param name="paths">Where they are.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="ids">The form of the inputs' ids.</param>
    /// <exception cref="ArgumentException">There are none, one is given twice, or what one is can't be told from its name.</exception>
    /// <exception cref="FileNotFoundException">One is not there.</exception>
    public static IReadOnlyList<InputSource> Open(IReadOnlyList<string> paths, InputOptions options, IdForm ids = IdForm.Short)
    {
        if (paths.Count == 0) throw new ArgumentException("There are no inputs.");
        if (options.Root is { } root && !Directory.Exists(root)) throw new DirectoryNotFoundException($"There is no folder {root} (--root).");
        var labels = InputLabels.Of(paths);
        return [.. paths.Select((path, place) => Open(path, place, options, ids == IdForm.Long ? labels[place] : null))];
    }

    private static InputSource Open(string path, int place, InputOptions options, string? label)
    {
        if (Directory.Exists(path))
        {
            return options.Texts
                ? throw new ArgumentException($"{path} is a folder; expected files with texts: .txt, .csv, .tsv, .jsonl or .parquet.")
                : new FolderSource(path, place, label);
        }
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file or folder {path}.", path);
        return System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tar" when options.Texts => throw new ArgumentException($"{path} is a tar file; expected files with texts: .txt, .csv, .tsv, .jsonl or .parquet."),
            ".tar" => new TarSource(path, place, label),
            ".parquet" => new ParquetSource(path, place, options, label),
            ".jsonl" or ".ndjson" => new ListSource(path, place, options, ListForm.Json, label),
            ".csv" => new ListSource(path, place, options, ListForm.Csv, label),
            ".tsv" => new ListSource(path, place, options, ListForm.Tsv, label),
            _ when options.Delimiter is not null && !ImageFormats.IsPicture(path) => new ListSource(path, place, options, ListForm.Csv, label),
            ".txt" or ".lst" or ".list" => new ListSource(path, place, options, ListForm.Lines, label),
            _ when ImageFormats.IsPicture(path) => throw new ArgumentException(
                $"{path} is a picture; expected its folder, or a list of pictures (.txt, .jsonl), a .tar or a .parquet file."),
            var other => throw new ArgumentException($"{path} ends in '{other}'; expected a folder, .txt, .csv, .tsv, .jsonl, .tar or .parquet."),
        };
    }
}
