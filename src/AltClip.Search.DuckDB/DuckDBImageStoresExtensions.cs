namespace AltClip.Search.DuckDB;

/// <summary>DuckDB among a program's stores.</summary>
public static class DuckDBImageStoresExtensions
{
    /// <summary>Adds DuckDB: <see cref="DuckDBImageStoreProvider"/>.</summary>
    /// <param name="stores">The program's stores.</param>
    /// <returns>These, to add more.</returns>
    public static ImageStores AddDuckDB(this ImageStores stores)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return stores.Add(new DuckDBImageStoreProvider());
    }
}
