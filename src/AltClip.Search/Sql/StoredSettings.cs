using System.Data.Common;

namespace AltClip.Search.Sql;

/// <summary>The table beside the pictures with what programs have the store remember: <c>TABLE_settings</c>, which is made when there is something.</summary>
internal static class StoredSettings
{
    /// <summary>Reads all.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!await ExistsAsync(connection, table, cancellationToken).ConfigureAwait(false)) return settings;
        using var command = connection.CreateCommand($"SELECT name, value FROM {Name(table)}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) settings[reader.GetString(0)] = reader.GetString(1);
        return settings;
    }

    /// <summary>Writes one, or forgets it.</summary>
    public static async Task WriteAsync(DbConnection connection, string table, string name, string? value, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, table, cancellationToken).ConfigureAwait(false))
        {
            if (value is null) return;
            await CreateAsync(connection, table, cancellationToken).ConfigureAwait(false);
        }
        using var command = value is null
            ? connection.CreateCommand($"DELETE FROM {Name(table)} WHERE name = $1", name)
            : connection.CreateCommand(
                $"INSERT INTO {Name(table)} (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task CreateAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(
                $"CREATE TABLE IF NOT EXISTS {Name(table)} (name text PRIMARY KEY, value text NOT NULL)", cancellationToken).ConfigureAwait(false);
        }
        catch (DbException)
        {
            // PostgreSQL's IF NOT EXISTS fails where another process makes the table at the same moment.
            if (!await ExistsAsync(connection, table, cancellationToken).ConfigureAwait(false)) throw;
        }
    }

    private static async Task<bool> ExistsAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1", Name(table));
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false)) > 0;
    }

    private static string Name(string table) => $"{table}_settings";
}
