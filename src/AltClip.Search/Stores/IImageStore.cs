using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;

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

    /// <summary>Gives all pictures with their embeddings, in no particular order. While it runs it holds a connection to the database.</summary>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <remarks>Where a store doesn't say how, each is asked for by itself.</remarks>
    async IAsyncEnumerable<ImageEntry> ListWithEmbeddingsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var listed in ListAsync(cancellationToken).ConfigureAwait(false))
            if (await GetAsync(listed.Id, cancellationToken).ConfigureAwait(false) is { } image) yield return image;
    }

    /// <summary>
    /// Gives what programs have the store remember besides pictures: names with values. <see cref="IndexedFolders"/> keeps the indexed folders here.
    /// </summary>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <remarks>A store that doesn't say how remembers nothing.</remarks>
    Task<IReadOnlyDictionary<string, string>> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(ReadOnlyDictionary<string, string>.Empty);

    /// <summary>Remembers a value under a name.</summary>
    /// <param name="name">The name, without a zero character.</param>
    /// <param name="value">The value, without a zero character; null to forget it.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <remarks>A store that doesn't say how remembers nothing.</remarks>
    /// <exception cref="ArgumentException">The name is empty, or one of them has a zero character.</exception>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    Task SetSettingAsync(string name, string? value, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Finds the pictures whose embeddings have the greatest cosine with a vector.</summary>
    /// <param name="vector">The vector, of any length: as many finite numbers as the model has dimensions, not all zero.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures without embeddings, the best first.</returns>
    /// <exception cref="ArgumentException">The vector is another, or <paramref name="top"/> is not positive.</exception>
    Task<IReadOnlyList<ImageMatch>> SearchAsync(ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken = default);
}
