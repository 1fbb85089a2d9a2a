using AltClip.Imaging;
using Parquet;
using Parquet.Schema;

namespace AltClip.Cli;

/// <summary>What a Parquet file has.</summary>
/// <param name="Groups">How many rows each row group has.</param>
/// <param name="HasIds">Whether there is a column with ids, or with paths that serve as such.</param>
internal sealed record ParquetLayout(IReadOnlyList<int> Groups, bool HasIds);

/// <summary>The columns of a row group that are wanted.</summary>
/// <param name="Ids">The ids, or null if there is no such column.</param>
/// <param name="Bytes">Pictures as bytes, or null.</param>
/// <param name="Strings">Paths or texts, where there are no bytes.</param>
internal sealed record ParquetRows(string?[]? Ids, byte[]?[]? Bytes, string?[]? Strings);

/// <summary>Finds and reads the columns of a Parquet file that the job needs.</summary>
/// <param name="path">Where it is.</param>
/// <param name="open">Opens it, and refuses another in its place.</param>
/// <param name="options">How it is read.</param>
internal sealed class ParquetTable(string path, Func<Stream> open, InputOptions options)
{
    private static readonly string[] PathNames = ["path", "image_path", "file_name", "filepath", "file"];
    private static readonly string[] TextNames = ["text", "caption"];
    private static readonly string[] IdNames = ["id", "key", "__key__"];

    private static string[] BytesNames =>
        ["image/bytes", "image", "bytes", "image_bytes", .. ImageFormats.Extensions.Select(extension => extension[1..])];

    /// <summary>What the file has, by its footer alone.</summary>
    /// <exception cref="EmbedException">The file is damaged, or has no column that fits.</exception>
    public async Task<ParquetLayout> ReadLayoutAsync()
    {
        await using var reader = await OpenAsync();
        var ids = IdColumn(reader, DataColumn(reader));
        return new ParquetLayout([.. reader.RowGroups.Select(group => checked((int)group.RowCount))], ids is not null);
    }

    /// <summary>Reads the ids of a row group; null if there is no such column.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public Task<string?[]?> ReadIdsAsync(int group) => ReadAsync(group, (rows, ids, _) => IdsAsync(rows, ids));

    /// <summary>Reads a row group.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public Task<ParquetRows> ReadGroupAsync(int group) => ReadAsync(group, async (rows, ids, data) => new ParquetRows(
        await IdsAsync(rows, ids),
        IsText(data) ? null : await BytesAsync(rows, data),
        IsText(data) ? await TextsAsync(rows, data) : null));

    private async Task<T> ReadAsync<T>(int group, Func<ParquetRowGroupReader, DataField?, DataField, Task<T>> read)
    {
        await using var reader = await OpenAsync();
        var data = DataColumn(reader);
        var ids = IdColumn(reader, data);
        try
        {
            using var rows = reader.OpenRowGroupReader(group);
            return await read(rows, ids, data);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new EmbedException($"{path}: row group {group} can't be read: {error.Message}", error);
        }
    }

    private static async Task<string?[]?> IdsAsync(ParquetRowGroupReader rows, DataField? column) =>
        column is null ? null : await TextsAsync(rows, column);

    private static async Task<string?[]> TextsAsync(ParquetRowGroupReader rows, DataField column) =>
        [.. (await ReadAsync<char>(rows, column)).Select(text => text?.ToString())];

    // Copied: what the reader gives lies in memory that it uses again.
    private static async Task<byte[]?[]> BytesAsync(ParquetRowGroupReader rows, DataField column) =>
        [.. (await ReadAsync<byte>(rows, column)).Select(bytes => bytes?.ToArray())];

    // Not the reader's own ways for strings and byte arrays: where only a member of a struct is null, they give it the next row's value.
    private static async Task<ReadOnlyMemory<T>?[]> ReadAsync<T>(ParquetRowGroupReader rows, DataField column)
    {
        var values = new ReadOnlyMemory<T>?[rows.RowCount];
        await rows.ReadAsync<ReadOnlyMemory<T>>(column, values.AsMemory());
        return values;
    }

    private static bool IsText(DataField column) => column.ClrType == typeof(ReadOnlyMemory<char>);

    private static bool IsBytes(DataField column) => column.ClrType == typeof(ReadOnlyMemory<byte>);

    private DataField DataColumn(ParquetReader reader)
    {
        if (options.Column is not null)
            return Find(reader, options.Column, [], column => IsText(column) || (IsBytes(column) && !options.Texts))!;
        return (options.Texts ? Find(reader, null, TextNames, IsText) : Find(reader, null, BytesNames, IsBytes) ?? Find(reader, null, PathNames, IsText))
            ?? throw new EmbedException(
                $"{path} has no column {string.Join(", ", options.Texts ? TextNames : [.. BytesNames, .. PathNames])}; found {Columns(reader)}. Give --column.");
    }

    private DataField? IdColumn(ParquetReader reader, DataField data) =>
        Find(reader, options.IdColumn, IdNames, IsText) ?? (options.Texts || IsText(data) ? null : Find(reader, null, PathNames, IsText));

    private DataField? Find(ParquetReader reader, string? wanted, IReadOnlyList<string> names, Func<DataField, bool> fits)
    {
        foreach (var name in wanted is null ? names : [wanted])
        {
            if (reader.Schema.DataFields.FirstOrDefault(column => Name(column) == name && !IsRepeated(column) && fits(column)) is { } found) return found;
        }
        return wanted is null ? null
            : throw new EmbedException($"{path} has no column {wanted} that fits; found {Columns(reader)}.");
    }

    private static bool IsRepeated(DataField column) => column.MaxRepetitionLevel > 0;

    private static string Name(DataField column) => column.Path.ToString();

    private static string Columns(ParquetReader reader) => string.Join(", ", reader.Schema.DataFields.Select(Name));

    private async Task<ParquetReader> OpenAsync()
    {
        var file = open();
        try
        {
            return await ParquetReader.CreateAsync(file, leaveStreamOpen: false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await file.DisposeAsync();
            throw new EmbedException($"{path} is no whole Parquet file: {error.Message}", error);
        }
    }
}
