using Parquet;

namespace AltClip.Training.Data;

/// <summary>A Parquet file whose columns are found by the names that people give them.</summary>
/// <param name="path">Where it is.</param>
/// <param name="open">Opens it, and refuses another in its place.</param>
/// <param name="fail">Makes the exception that says what is wrong with it.</param>
internal sealed class ParquetFile(string path, Func<Stream> open, Func<string, Exception?, Exception> fail)
{
    // What a text is called in a struct of which it is not the only one, the likeliest first.
    private static readonly string[] TextMembers = ["caption", "text", "raw", "sentence", "value"];

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>Finds a column by one of the names that it may have; with other capitals only where none is there as it is.</summary>
    /// <param name="leaves">The file's columns.</param>
    /// <param name="names">The names, the first that fits counts; a dot stands for a slash where no name has one.</param>
    /// <param name="fits">Whether a column's values are of the kind that is wanted.</param>
    /// <returns>The column of that name, or the only one that fits of the struct that is called so; else null.</returns>
    public static ParquetLeaf? Find(IReadOnlyList<ParquetLeaf> leaves, IReadOnlyList<string> names, Func<ParquetLeaf, bool> fits)
    {
        foreach (var capitals in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            foreach (var name in names.Concat(names.Where(name => name.Contains('.')).Select(name => name.Replace('.', '/'))))
            {
                if (leaves.FirstOrDefault(leaf => leaf.Name.Equals(name, capitals) && fits(leaf)) is { } found) return found;
                var members = leaves.Where(leaf => leaf.Name.StartsWith($"{name}/", capitals) && fits(leaf)).ToList();
                if (members.Count == 1) return members[0];
                foreach (var member in TextMembers)
                    if (members.Find(leaf => leaf.Name.Equals($"{name}/{member}", capitals)) is { } text) return text;
            }
        }
        return null;
    }

    /// <summary>Reads from the file.</summary>
    /// <param name="read">Reads.</param>
    /// <exception cref="Exception">What <c>fail</c> made: the file is damaged.</exception>
    public async Task<T> ReadAsync<T>(Func<ParquetReader, Task<T>> read)
    {
        await using var reader = await OpenAsync(open()).ConfigureAwait(false);
        return await read(reader).ConfigureAwait(false);
    }

    /// <summary>Reads from a row group.</summary>
    /// <param name="group">Its place.</param>
    /// <param name="read">Reads.</param>
    /// <exception cref="Exception">What <c>fail</c> made: the file is damaged.</exception>
    public async Task<T> ReadGroupAsync<T>(int group, Func<ParquetReader, ParquetRowGroupReader, Task<T>> read)
    {
        var file = open();
        await using var reader = await OpenAsync(file).ConfigureAwait(false);
        try
        {
            ParquetStructs.CheckPages(file, reader, group);
            using var rows = reader.OpenRowGroupReader(group);
            return await read(reader, rows).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or AltClipException))
        {
            throw fail($"row group {group} can't be read: {error.Message}", error);
        }
    }

    private async Task<ParquetReader> OpenAsync(Stream file)
    {
        try
        {
            ParquetStructs.CheckFooter(file);
            return await ParquetReader.CreateAsync(file, leaveStreamOpen: false).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw fail($"it is no whole Parquet file: {error.Message}", error);
        }
    }
}
