using System.Data.Common;
using AltClip.Search.Sql;
using AltClip.Shared;

namespace AltClip.Search.DuckDB;

/// <summary>Pictures in Parquet files, written and read by DuckDB.</summary>
internal static class ParquetPictures
{
    private const string ModelKey = "altclip.model";
    private const string DimensionsKey = "altclip.dimensions";
    private const int NamedDuplicates = 10;
    private const string FileColumn = "altclip_file";
    private const string Place = $"{{'file': {FileColumn}, 'row': file_row_number}}";

    private static readonly byte[] Mark = [.. "PAR1"u8]; // at both ends of a file

    public static async Task<long> WriteAsync(
        DbConnection connection, string table, EmbeddingModel model, string path, CancellationToken cancellationToken)
    {
        using var staged = new StagedFiles();
        var temporary = staged.Reserve(path);
        using var command = connection.CreateCommand($$"""
            COPY (SELECT id, embedding::float[] AS embedding, size, modified, metadata FROM {{table}} ORDER BY id) TO {{Quote(temporary)}}
            (FORMAT parquet, COMPRESSION zstd, KV_METADATA {'{{ModelKey}}': {{Quote(model.Id)}}, '{{DimensionsKey}}': '{{model.Dimensions}}'})
            """);
        var count = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        staged.Commit();
        return count;
    }

    public static async Task<ParquetImportReport> ReadAsync(
        DbConnection connection, string table, EmbeddingModel model, string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; expected Parquet files, such as {Path.Combine(path, "*.parquet")}.");
        if (!path.Contains('*') && !File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var stamps = await StampsAsync(connection, path, cancellationToken).ConfigureAwait(false);
        if (stamps.Count == 0) throw new FileNotFoundException($"There is no file {path}.", path);
        foreach (var (file, _, _) in stamps) RefuseNoParquet(file);
        var files = $"read_parquet({Quote(path)}, union_by_name = true)";
        var columns = await ColumnsAsync(connection, files, cancellationToken).ConfigureAwait(false);
        foreach (var needed in new[] { "id", "embedding" })
            if (!columns.Contains(needed)) throw new ImageStoreException($"{path} has no column {needed}; found {string.Join(", ", columns)}.");
        await RefuseOtherModelsAsync(connection, path, model, cancellationToken).ConfigureAwait(false);
        await RefuseMalformedAsync(connection, path, files, model, cancellationToken).ConfigureAwait(false);
        var (duplicates, duplicateIds) = await DuplicatesAsync(connection, files, cancellationToken).ConfigureAwait(false);
        string Column(string name, string type, string missing) => columns.Contains(name) ? $"coalesce({name}::{type}, {missing})" : missing;
        await connection.ExecuteAsync(DuckDBTables.Create("TEMP TABLE imported", model.Dimensions), cancellationToken).ConfigureAwait(false);
        if (duplicates > 0) files = await FirstOfEachIdAsync(connection, path, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync($"""
            INSERT INTO imported SELECT id::text, embedding::float[]::float[{model.Dimensions}], {Column("size", "bigint", "0")},
                {Column("modified", "timestamp", "'epoch'::timestamp")}, {Column("metadata", "text", "'{}'")} FROM {files}
            """, cancellationToken).ConfigureAwait(false);
        // Each query opened the files anew: what was checked must be what was read.
        stamps.SymmetricExceptWith(await StampsAsync(connection, path, cancellationToken).ConfigureAwait(false));
        if (stamps.FirstOrDefault().File is { } changed)
            throw new IOException($"{changed} was replaced or written to while {path} was read; nothing was taken.");
        using var there = connection.CreateCommand($"SELECT count(*) FROM imported WHERE id IN (SELECT id FROM {table})");
        var replaced = Convert.ToInt64(await there.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false));
        using var upsert = connection.CreateCommand(DuckDBTables.Upsert(table, "imported"));
        var imported = await upsert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return new ParquetImportReport(imported, replaced, duplicates, duplicateIds);
    }

    // Left to a conflict of keys, which row stays is decided by the threads that read the files.
    private static async Task<string> FirstOfEachIdAsync(DbConnection connection, string path, CancellationToken cancellationToken)
    {
        var places = $"read_parquet({Quote(path)}, union_by_name = true, filename = '{FileColumn}', file_row_number = true)";
        await connection.ExecuteAsync($"""
            CREATE TEMP TABLE repeated AS SELECT id::text AS id, min({Place}) AS first FROM {places} GROUP BY ALL HAVING count(*) > 1
            """, cancellationToken).ConfigureAwait(false);
        return $"{places} WHERE id::text NOT IN (SELECT id FROM repeated) OR {Place} IN (SELECT first FROM repeated)";
    }

    private static async Task<(long Count, IReadOnlyList<string> Ids)> DuplicatesAsync(
        DbConnection connection, string files, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand($"""
            SELECT id::text, (sum(count(*) - 1) OVER ())::bigint FROM {files} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT {NamedDuplicates}
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var (count, ids) = (0L, new List<string>());
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ids.Add(reader.GetString(0));
            count = reader.GetInt64(1);
        }
        return (count, ids);
    }

    private static async Task<HashSet<(string File, long Length, DateTime Written)>> StampsAsync(
        DbConnection connection, string path, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand($"SELECT file FROM glob({Quote(path)})");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var stamps = new HashSet<(string, long, DateTime)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var file = new FileInfo(reader.GetString(0));
            stamps.Add((file.FullName, file.Length, file.LastWriteTimeUtc));
        }
        return stamps;
    }

    private static void RefuseNoParquet(string path)
    {
        RegularFile.RefuseOthers(path);
        using var file = File.OpenRead(path);
        var mark = new byte[Mark.Length];
        if (file.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || !mark.AsSpan().SequenceEqual(Mark))
            throw new ImageStoreException($"{path} is no Parquet file; expected one with the columns id and embedding.");
        file.Seek(-mark.Length, SeekOrigin.End);
        file.ReadExactly(mark);
        if (!mark.AsSpan().SequenceEqual(Mark)) throw new ImageStoreException($"{path} is no whole Parquet file: its end is missing. Copy or download it again.");
    }

    private static async Task<HashSet<string>> ColumnsAsync(DbConnection connection, string files, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand($"DESCRIBE SELECT * FROM {files}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var columns = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) columns.Add(reader.GetString(0));
        return columns;
    }

    // Files of programs that don't say what made the embeddings are taken at their user's word.
    private static async Task RefuseOtherModelsAsync(DbConnection connection, string path, EmbeddingModel model, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand($"""
            SELECT file_name, decode(key), decode(value) FROM parquet_kv_metadata({Quote(path)}) WHERE decode(key) = '{ModelKey}'
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            ModelMismatchException.ThrowIfDifferent(reader.GetString(0), new EmbeddingModel(reader.GetString(2), model.Dimensions), model);
    }

    private static async Task RefuseMalformedAsync(
        DbConnection connection, string path, string files, EmbeddingModel model, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand($"""
            SELECT coalesce(id::text, 'a picture without id'), len(embedding) FROM {files}
            WHERE coalesce(id::text, '') = '' OR embedding IS NULL OR len(embedding) <> {model.Dimensions}
                OR len(list_filter(embedding, x -> x IS NULL OR NOT isfinite(x::float))) > 0 OR len(list_filter(embedding, x -> x <> 0)) = 0 LIMIT 1
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) return;
        var found = reader.IsDBNull(1) ? "no embedding" : $"{reader.GetInt64(1)} numbers";
        throw new ImageStoreException($"{path}: {reader.GetString(0)} has {found}; expected an id and {model.Dimensions} finite numbers, not all zero.");
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''")}'";
}
