using System.Data.Common;

namespace AltClip.Search;

/// <summary>Opens stores by their connection strings.</summary>
public static class ImageStore
{
    /// <summary>Opens a store, and makes it if there is none yet.</summary>
    /// <param name="connectionString">
    /// For <see cref="DuckDBImageStore"/> the path of a file, or <c>Data Source=…</c> with settings of DuckDB; for
    /// <see cref="PostgresImageStore"/> <c>Host=…</c> with the words of Npgsql, or <c>postgresql://user:password@host:port/database</c>.
    /// </param>
    /// <param name="model">
    /// What makes the embeddings; null for whatever the store has, which then must exist (a search that has no model to compare).
    /// </param>
    /// <param name="options">Reading only, the table, the index; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ArgumentException">The connection string or an option is malformed. Passwords are not in the message.</exception>
    /// <exception cref="ImageStoreNotFoundException">There is no store, and it is only to be read or there is no model to make it for.</exception>
    /// <exception cref="ModelMismatchException">The store has embeddings of another model.</exception>
    /// <exception cref="InvalidDataException">The table is not one of this library.</exception>
    /// <exception cref="DbException">The database can't be opened or reached.</exception>
    public static async Task<IImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        IsPostgres(connectionString)
            ? await PostgresImageStore.OpenAsync(connectionString, model, options, cancellationToken).ConfigureAwait(false)
            : await DuckDBImageStore.OpenAsync(connectionString, model, options, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether a connection string is one of PostgreSQL.</summary>
    internal static bool IsPostgres(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return PostgresAddress.IsUri(connectionString) || HasKey(connectionString, "Host", "Server");
    }

    /// <summary>Whether a connection string has one of these keys. A path has none, unless it looks very odd.</summary>
    internal static bool HasKey(string connectionString, params ReadOnlySpan<string> keys)
    {
        foreach (var part in connectionString.Split(';'))
        {
            var name = part.Split('=', 2) is [var left, _] ? left.Trim() : null;
            foreach (var key in keys)
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
