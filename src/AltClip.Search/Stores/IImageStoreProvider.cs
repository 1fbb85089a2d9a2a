namespace AltClip.Search;

/// <summary>Opens the stores of one database. <see cref="ImageStores"/> asks each that it has.</summary>
public interface IImageStoreProvider
{
    /// <summary>The database's name, for people: <c>DuckDB</c>.</summary>
    string Name { get; }

    /// <summary>The connection strings that are taken, for errors and help: <c>Host=… or postgresql://…</c></summary>
    string ConnectionStringFormat { get; }

    /// <summary>Whether a connection string is one of this database, as its beginning or its keys tell. Nothing is opened.</summary>
    /// <param name="connectionString">The connection string, which is not empty.</param>
    bool Accepts(string connectionString);

    /// <summary>Opens a store, and makes it if there is none yet.</summary>
    /// <inheritdoc cref="ImageStores.OpenAsync"/>
    Task<IImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default);
}
