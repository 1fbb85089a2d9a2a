using System.Data.Common;

namespace AltClip.Search;

/// <summary>The table beside the pictures that says what made their embeddings.</summary>
internal static class StoredModel
{
    /// <summary>What this version writes and reads.</summary>
    private const int Format = 1;

    public static string Table(string pictures) => $"{pictures}_model";

    public static string Create(string pictures) =>
        $"CREATE TABLE {Table(pictures)} (format integer NOT NULL, model text NOT NULL, dimensions integer NOT NULL)";

    public static async Task WriteAsync(DbConnection connection, string pictures, EmbeddingModel model, CancellationToken cancellationToken)
    {
        using var command = SqlImageStore.Command(
            connection, $"INSERT INTO {Table(pictures)} VALUES ($1, $2, $3)", Format, model.Id, model.Dimensions);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public static async Task<EmbeddingModel?> ReadAsync(DbConnection connection, string place, string pictures, CancellationToken cancellationToken)
    {
        using (var exists = SqlImageStore.Command(
            connection, "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1", Table(pictures)))
        {
            if (Convert.ToInt64(await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false)) == 0) return null;
        }
        using var command = SqlImageStore.Command(connection, $"SELECT * FROM {Table(pictures)}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (reader.FieldCount != 3 || !await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new InvalidDataException($"{place}: the table {Table(pictures)} is not one of AltClip.Search.");
        if (reader.GetInt32(0) is var format and not Format)
            throw new InvalidDataException($"{place} has the format {format} of a newer version; this one reads {Format}.");
        return new EmbeddingModel(reader.GetString(1), reader.GetInt32(2));
    }
}
