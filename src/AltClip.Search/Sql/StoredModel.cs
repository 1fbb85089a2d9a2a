using System.Data.Common;

namespace AltClip.Search.Sql;

/// <summary>The table beside the pictures that says what made their embeddings: <c>TABLE_model</c>.</summary>
public static class StoredModel
{
    /// <summary>What this version writes and reads.</summary>
    private const int Format = 1;

    /// <summary>Makes the table.</summary>
    /// <param name="connection">The connection, in the transaction that makes the table of the pictures.</param>
    /// <param name="table">The table of the pictures.</param>
    /// <param name="model">What makes the embeddings.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public static async Task CreateAsync(DbConnection connection, string table, EmbeddingModel model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        await connection.ExecuteAsync(
            $"CREATE TABLE {Name(table)} (format integer NOT NULL, model text NOT NULL, dimensions integer NOT NULL)", cancellationToken).ConfigureAwait(false);
        using var command = connection.CreateCommand($"INSERT INTO {Name(table)} VALUES ($1, $2, $3)", Format, model.Id, model.Dimensions);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the table.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="place">Where it leads, for errors.</param>
    /// <param name="table">The table of the pictures.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The model, or null if there is no store.</returns>
    /// <exception cref="ImageStoreException">The table is not one of this library, or of a newer version.</exception>
    public static async Task<EmbeddingModel?> ReadAsync(DbConnection connection, string place, string table, CancellationToken cancellationToken)
    {
        using (var exists = connection.CreateCommand(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1", Name(table)))
        {
            if (Convert.ToInt64(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false)) == 0) return null;
        }
        using var command = connection.CreateCommand($"SELECT * FROM {Name(table)}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (reader.FieldCount != 3 || !await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new ImageStoreException($"{place}: the table {Name(table)} is not one of AltClip.Search.");
        if (reader.GetInt32(0) is var format and not Format)
            throw new ImageStoreException($"{place} has the format {format} of a newer version; this one reads {Format}.");
        return new EmbeddingModel(reader.GetString(1), reader.GetInt32(2));
    }

    private static string Name(string table) => $"{table}_model";
}
