namespace AltClip.Search.Postgres;

/// <summary>PostgreSQL among a program's stores.</summary>
public static class PostgresImageStoresExtensions
{
    /// <summary>Adds PostgreSQL with pgvector: <see cref="PostgresImageStoreProvider"/>.</summary>
    /// <param name="stores">The program's stores.</param>
    /// <param name="hnsw">The index of the stores; null for the defaults.</param>
    /// <returns>These, to add more.</returns>
    public static ImageStores AddPostgres(this ImageStores stores, HnswOptions? hnsw = null)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return stores.Add(new PostgresImageStoreProvider(hnsw));
    }
}
