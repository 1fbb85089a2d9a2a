namespace AltClip.Search;

/// <summary>
/// Keeps embeddings of pictures and finds those nearest to a vector. <see cref="ImageStores.OpenAsync"/> opens one. Any number of threads
/// may share a store.
/// </summary>
/// <remarks>What the database itself refuses comes as <see cref="System.Data.Common.DbException"/>.</remarks>
public interface IImageStore : IAsyncDisposable
{
    /// <summary>What errors and logs call the store; passwords are not in it.</summary>
    string Name { get; }

    /// <summary>The database, as Microsoft.Extensions.VectorData and OpenTelemetry call it: <c>duckdb</c>, <c>postgresql</c>.</summary>
    string SystemName { get; }

    /// <summary>What made the embeddings.</summary>
    EmbeddingModel Model { get; }

    /// <summary>Counts the pictures.</summary>
    /// <param name="cancellationToken">Gives up the call.</param>
    Task<long> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Puts pictures into the store, in place of those of the same id: all of them, or after an exception none.</summary>
    /// <param name="images">The pictures. Of several with one id the last is kept.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ArgumentException">
    /// An id is empty or has a zero character, or an embedding has another number of dimensions than the model, numbers that are not finite,
    /// or only zeros. The message names the picture.
    /// </exception>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    Task UpsertAsync(IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken = default);

    /// <summary>Removes pictures: all of them, or after an exception none.</summary>
    /// <param name="ids">Their ids. Those that the store doesn't have are passed over.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    Task<int> DeleteAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken = default);

    /// <summary>Gives a picture with its embedding.</summary>
    /// <param name="id">The picture's id.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The picture, or null if the store doesn't have it.</returns>
    Task<ImageEntry?> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Gives all pictures without their embeddings, in no particular order. While it runs it holds a connection to the database.</summary>
    /// <param name="cancellationToken">Gives up the call.</param>
    IAsyncEnumerable<ImageEntry> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Finds the pictures whose embeddings have the greatest cosine with a vector.</summary>
    /// <param name="vector">The vector, of any length: as many finite numbers as the model has dimensions, not all zero.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures without embeddings, the best first.</returns>
    /// <exception cref="ArgumentException">The vector is another, or <paramref name="top"/> is not positive.</exception>
    Task<IReadOnlyList<ImageMatch>> SearchAsync(ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken = default);
}
