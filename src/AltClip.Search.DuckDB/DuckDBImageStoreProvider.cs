namespace AltClip.Search.DuckDB;

/// <summary>
/// Opens stores in DuckDB files: the path of a file, or <c>Data Source=…</c> with settings of DuckDB, such as <c>memory_limit=2GB</c>.
/// </summary>
public sealed class DuckDBImageStoreProvider : IImageStoreProvider
{
    /// <summary><c>DuckDB</c></summary>
    public string Name => "DuckDB";

    /// <inheritdoc/>
    public string ConnectionStringFormat => DuckDBFile.Format;

    /// <inheritdoc/>
    public bool Accepts(string connectionString) => DuckDBFile.IsDuckDB(connectionString);

    /// <inheritdoc cref="DuckDBImageStore.OpenAsync(string, EmbeddingModel?, ImageStoreOptions?, CancellationToken)"/>
    public async Task<IImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        await DuckDBImageStore.OpenAsync(connectionString, model, options, cancellationToken).ConfigureAwait(false);
}
