using System.Data.Common;

namespace AltClip.Search;

/// <summary>
/// The databases that a program may keep embeddings in, each a package and a line here: <c>new ImageStores().AddDuckDB().AddPostgres()</c>.
/// Once built, any number of threads may share it.
/// </summary>
public sealed class ImageStores
{
    private readonly List<IImageStoreProvider> _providers = [];

    /// <summary>What was added, in that order.</summary>
    public IReadOnlyList<IImageStoreProvider> Providers => _providers;

    /// <summary>Adds a database. Of several that take a connection string the first opens it.</summary>
    /// <param name="provider">What opens its stores.</param>
    /// <returns>This, to add more.</returns>
    /// <exception cref="ArgumentException">One of that name was added before.</exception>
    public ImageStores Add(IImageStoreProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (_providers.Any(added => added.Name == provider.Name))
            throw new ArgumentException($"{provider.Name} was added before.", nameof(provider));
        _providers.Add(provider);
        return this;
    }

    /// <summary>Opens the store that a connection string names, and makes it if there is none yet.</summary>
    /// <param name="connectionString">Where the store is; <see cref="IImageStoreProvider.ConnectionStringFormat"/> of each says in which words.</param>
    /// <param name="model">
    /// What makes the embeddings; null for whatever the store has, which then must exist (a search that has no model to compare).
    /// </param>
    /// <param name="options">Reading only, the table; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ArgumentException">
    /// No database was added that takes the connection string, or it is malformed. Passwords are not in the message.
    /// </exception>
    /// <exception cref="ImageStoreNotFoundException">There is no store, and it is only to be read or there is no model to make it for.</exception>
    /// <exception cref="ModelMismatchException">The store has embeddings of another model.</exception>
    /// <exception cref="ImageStoreException">The table is not one of this library.</exception>
    /// <exception cref="DbException">The database can't be opened or reached.</exception>
    public Task<IImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var provider = _providers.FirstOrDefault(provider => provider.Accepts(connectionString)) ?? throw new ArgumentException(
            $"No store takes {ConnectionStrings.Describe(connectionString)}; expected {(_providers.Count == 0 ? "one that was added: none was" : this)}.",
            nameof(connectionString));
        return provider.OpenAsync(connectionString, model, options, cancellationToken);
    }

    /// <summary>What each database takes, for errors and help.</summary>
    public override string ToString() => string.Join("; ", _providers.Select(provider => $"{provider.ConnectionStringFormat} ({provider.Name})"));
}
