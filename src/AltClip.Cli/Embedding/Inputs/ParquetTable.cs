using AltClip.Imaging;
using AltClip.Training.Data;
using Parquet;

namespace AltClip.Cli;

/// <summary>What a Parquet file has.</summary>
/// <param name="Groups">How many rows each row group has.</param>
/// <param name="HasIds">Whether there is a column with ids, or with paths that serve as such.</param>
internal sealed record ParquetLayout(IReadOnlyList<int> Groups, bool HasIds);

/// <summary>The columns of a row group that are wanted.</summary>
/// <param name="Ids">The ids, or null if there is no such column.</param>
/// <param name="Bytes">Pictures as bytes, or null.</param>
/// <param name="Strings">Paths or texts: all that there is where there are no bytes, and else the paths of rows without; or null.</param>
internal sealed record ParquetRows(string?[]? Ids, byte[]?[]? Bytes, string?[]? Strings);

/// <summary>Finds and reads the columns of a Parquet file that the job needs.</summary>
/// <param name="path">Where it is.</param>
/// <param name="open">Opens it, and refuses another in its place.</param>
/// <param name="options">How it is read.</param>
internal sealed class ParquetTable(string path, Func<Stream> open, InputOptions options)
{
    private const string BytesMember = "/bytes";

    private static readonly string[] PathNames = ["path", "image_path", "file_name", "filepath", "file", "image"];
    private static readonly string[] TextNames = ["text", "caption"];
    private static readonly string[] IdNames = ["id", "key", "__key__"];

    private readonly ParquetFile _file = new(path, open, (what, error) => new EmbedException($"{path}: {what}", error));

    private static string[] BytesNames =>
        ["image/bytes", "image", "bytes", "image_bytes", .. ImageFormats.Extensions.Select(extension => extension[1..])];

    /// <summary>What the file has, by its footer alone.</summary>
    /// <exception cref="EmbedException">The file is damaged, or has no column that fits.</exception>
    public Task<ParquetLayout> ReadLayoutAsync() => _file.ReadAsync(reader => Task.FromResult(new ParquetLayout(
        [.. reader.RowGroups.Select(group => checked((int)group.RowCount))], Columns.Of(reader, this).Ids is not null)));

    /// <summary>Reads the ids of a row group; null if there is no such column.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public Task<string?[]?> ReadIdsAsync(int group) => _file.ReadGroupAsync(group, (reader, rows) => OneAsync(rows, Columns.Of(reader, this).Ids));

    /// <summary>Reads a row group.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public Task<ParquetRows> ReadGroupAsync(int group) => _file.ReadGroupAsync(group, async (reader, rows) =>
    {
        var columns = Columns.Of(reader, this);
        return new ParquetRows(
            await OneAsync(rows, columns.Ids), columns.Bytes is null ? null : await columns.Bytes.BytesAsync(rows), await OneAsync(rows, columns.Strings));
    });

    private static async Task<string?[]?> OneAsync(ParquetRowGroupReader rows, ParquetLeaf? column) =>
        column is null ? null : [.. (await column.TextsAsync(rows)).Select(own => own.SingleOrDefault())];

    /// <summary>The columns that are read.</summary>
    private sealed record Columns(ParquetLeaf? Ids, ParquetLeaf? Bytes, ParquetLeaf? Strings)
    {
        public static Columns Of(ParquetReader reader, ParquetTable table)
        {
            var (leaves, options) = (ParquetLeaf.Of(reader.Schema), table.Options);
            ParquetLeaf? Find(string? wanted, IReadOnlyList<string> names, Func<ParquetLeaf, bool> fits) =>
                ParquetFile.Find(leaves, wanted is null ? names : [wanted], leaf => !leaf.IsRepeated && fits(leaf));
            var bytes = options.Texts ? null : Find(options.Column, BytesNames, leaf => leaf.IsBytes);
            // A data set that was made with paths has them beside bytes that are null.
            var strings = bytes is null ? Find(options.Column, options.Texts ? TextNames : PathNames, leaf => leaf.IsText)
                : bytes.Name.EndsWith(BytesMember) ? Find($"{bytes.Name[..^BytesMember.Length]}/path", [], leaf => leaf.IsText) : null;
            if (bytes is null && strings is null)
            {
                var wanted = options.Column ?? string.Join(", ", options.Texts ? TextNames : [.. BytesNames, .. PathNames]);
                throw new EmbedException($"{table.Path} has no column {wanted} with one value a row that fits; found {string.Join(", ", leaves)}. Give --column.");
            }
            var ids = Find(options.IdColumn, IdNames, leaf => leaf.IsText || leaf.IsInteger);
            if (ids is null && options.IdColumn is { } idColumn)
                throw new EmbedException($"{table.Path} has no column {idColumn} that fits; found {string.Join(", ", leaves)}.");
            // Of pictures' bytes, the path says what they are; Hugging Face's may be null, and be the same in many rows.
            return new(ids ?? (bytes is null ? null : Find(null, PathNames[..^1], leaf => leaf.IsText)), bytes, strings);
        }
    }

    private InputOptions Options => options;

    private string Path => path;
}
