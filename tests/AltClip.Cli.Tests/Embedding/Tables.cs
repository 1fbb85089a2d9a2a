using System.Collections;
using DuckDB.NET.Data;

namespace AltClip.Cli.Tests;

/// <summary>DuckDB, which reads and writes Parquet and JSON by code of its own.</summary>
internal static class Tables
{
    /// <summary>Runs a statement.</summary>
    public static void Run(string sql) => Query(sql, _ => 0);

    /// <summary>Reads the rows of a query.</summary>
    public static List<T> Query<T>(string sql, Func<DuckDBDataReader, T> read)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>The embeddings in a file that DuckDB can read, in the order of their places.</summary>
    public static List<EmbeddedRow> Embeddings(string file) => Query(
        $"select id, source::int, index::int, embedding::float[] from '{file}' order by all",
        row => new EmbeddedRow(
            row.GetString(0), row.GetInt32(1), row.GetInt32(2), [.. ((IEnumerable)row.GetValue(3)).Cast<float>()]));
}
