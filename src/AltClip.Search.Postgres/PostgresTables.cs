using AltClip.Search.Sql;
using Npgsql;

namespace AltClip.Search.Postgres;

/// <summary>The tables, the index and the extension in PostgreSQL.</summary>
internal static class PostgresTables
{
    public const int MostDimensions = 2000;

    private static readonly Version OldestPgvector = new(0, 8);

    public static string Upsert(string table) => $"""
        INSERT INTO {table} (id, embedding, size, modified, metadata) VALUES ($1, $2, $3, $4, $5::jsonb)
        ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding, size = excluded.size, modified = excluded.modified, metadata = excluded.metadata
        """;

    /// <summary>Makes what is not there yet.</summary>
    /// <returns>The model of the store.</returns>
    public static async Task<EmbeddingModel> PrepareAsync(
        NpgsqlDataSource source, string place, EmbeddingModel? model, ImageStoreOptions options, HnswOptions hnsw, CancellationToken cancellationToken)
    {
        using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var mayCreate = model is not null && !options.ReadOnly;
        // Processes that start together would each make the tables.
        if (mayCreate) await ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('altclip'))").ConfigureAwait(false);
        await RequireExtensionAsync(connection, place, mayCreate, cancellationToken).ConfigureAwait(false);
        var stored = await StoredModel.ReadAsync(connection, place, options.Table, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            if (!mayCreate) throw new ImageStoreNotFoundException($"{place} has no pictures in the table {options.Table}.");
            await ExecuteAsync($"""
                CREATE TABLE {options.Table} (
                    id text PRIMARY KEY, embedding vector({model!.Dimensions}) NOT NULL, size bigint NOT NULL, modified timestamptz NOT NULL,
                    metadata jsonb NOT NULL);
                CREATE INDEX {options.Table}_embedding ON {options.Table} USING hnsw (embedding vector_cosine_ops)
                    WITH (m = {hnsw.M}, ef_construction = {hnsw.EfConstruction});
                """).ConfigureAwait(false);
            await StoredModel.CreateAsync(connection, options.Table, model, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            ModelMismatchException.ThrowIfDifferent(place, stored, model);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        // The type is new where the extension is.
        await connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        return stored ?? model!;

        Task ExecuteAsync(string text) => connection.ExecuteAsync(text, cancellationToken);
    }

    private static async Task RequireExtensionAsync(NpgsqlConnection connection, string place, bool mayCreate, CancellationToken cancellationToken)
    {
        try
        {
            if (mayCreate)
                await connection.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS vector", cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw new NotSupportedException(
                $"{place} can't use pgvector: {e.MessageText}. Install it, and let the database's owner run CREATE EXTENSION vector.", e);
        }
        using var command = connection.CreateCommand("SELECT extversion FROM pg_extension WHERE extname = 'vector'");
        var found = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
        if (found is null) throw new ImageStoreNotFoundException($"{place} has no store: pgvector is not enabled there.");
        if (!Version.TryParse(found, out var version) || version < OldestPgvector)
            throw new NotSupportedException($"{place} has pgvector {found}; expected {OldestPgvector} or newer (ALTER EXTENSION vector UPDATE).");
    }
}
