namespace AltClip.Search.Postgres;

/// <summary>
/// Opens stores in PostgreSQL with pgvector: <c>Host=…</c> with the words of Npgsql, or <c>postgresql://user:password@host:port/database</c>.
/// </summary>
/// <param name="hnsw">The index of the stores; null for the defaults.</param>
public sealed class PostgresImageStoreProvider(HnswOptions? hnsw = null) : IImageStoreProvider
{
    /// <summary><c>PostgreSQL</c></summary>
    public string Name => "PostgreSQL";

    /// <inheritdoc/>
    public string ConnectionStringFormat => "Host=… or postgresql://…";

    /// <inheritdoc/>
    public bool Accepts(string connectionString) => PostgresAddress.IsPostgres(connectionString);

    /// <inheritdoc cref="PostgresImageStore.OpenAsync"/>
    public async Task<IImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        await PostgresImageStore.OpenAsync(connectionString, model, options, hnsw, cancellationToken).ConfigureAwait(false);
}
