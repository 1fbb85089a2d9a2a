using AltClip.Search.Sql;
using DuckDB.NET.Data;

namespace AltClip.Search.DuckDB;

/// <summary>The table of pictures in DuckDB.</summary>
internal static class DuckDBTables
{
    public static string Create(string what, int dimensions) => $"""
        CREATE {what} (
            id text PRIMARY KEY, embedding float[{dimensions}] NOT NULL, size bigint NOT NULL, modified timestamp NOT NULL, metadata text NOT NULL)
        """;

    public static string Upsert(string table, string from) => $"""
        INSERT INTO {table} SELECT id, embedding, size, modified, metadata FROM {from}
        ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding, size = excluded.size, modified = excluded.modified, metadata = excluded.metadata
        """;

    public static async Task CreateStoreAsync(DuckDBConnection connection, string table, EmbeddingModel model, CancellationToken cancellationToken)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(Create($"TABLE {table}", model.Dimensions), cancellationToken).ConfigureAwait(false);
        await StoredModel.CreateAsync(connection, table, model, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }
}
