using System.Data.Common;
using System.Runtime.CompilerServices;

namespace AltClip.Search.Sql;

/// <summary>What stores in databases have in common: the statements, which are the same but for a few words.</summary>
/// <remarks>The table of the pictures has the columns <c>id</c>, <c>embedding</c>, <c>size</c>, <c>modified</c> (UTC) and <c>metadata</c> (JSON).</remarks>
public abstract class SqlImageStore : IImageStore
{
    private const string Columns = "id, size, modified, CAST(metadata AS text)";

    private readonly bool _readOnly;

    /// <summary>A store whose tables are there.</summary>
    /// <param name="name">What errors and logs call it; without passwords.</param>
    /// <param name="model">What made its embeddings.</param>
    /// <param name="options">How it was opened.</param>
    protected SqlImageStore(string name, EmbeddingModel model, ImageStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        (Name, Model, Table, _readOnly) = (name, model, options.Table, options.ReadOnly);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public abstract string SystemName { get; }

    /// <inheritdoc/>
    public EmbeddingModel Model { get; }

    /// <summary>The table of the pictures, a name that can be part of a statement.</summary>
    protected string Table { get; }

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => RunAsync(async (connection, stop) =>
    {
        using var command = connection.CreateCommand($"SELECT count(*) FROM {Table}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(stop).ConfigureAwait(false));
    }, cancellationToken);

    /// <inheritdoc/>
    public Task UpsertAsync(IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken = default)
    {
        RefuseIfReadOnly();
        var checkedImages = StoreInput.Check(images, Model);
        if (checkedImages.Count == 0) return Task.CompletedTask;
        return RunAsync(async (connection, stop) =>
        {
            await WriteAsync(connection, checkedImages, stop).ConfigureAwait(false);
            return true;
        }, cancellationToken, writes: true);
    }

    /// <inheritdoc/>
    public Task<int> DeleteAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        RefuseIfReadOnly();
        var possible = ids.Where(StoreInput.CanBeId).ToList();
        if (possible.Count == 0) return Task.FromResult(0);
        return RunAsync(async (connection, stop) =>
        {
            using var command = connection.CreateCommand($"DELETE FROM {Table} WHERE id = ANY($1)", possible);
            return await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        }, cancellationToken, writes: true);
    }

    /// <inheritdoc/>
    public Task<ImageEntry?> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!StoreInput.CanBeId(id)) return Task.FromResult<ImageEntry?>(null);
        return RunAsync(async (connection, stop) =>
        {
            using var command = connection.CreateCommand($"SELECT {Columns}, embedding FROM {Table} WHERE id = $1", id);
            using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
            return await reader.ReadAsync(stop).ConfigureAwait(false) ? Read(reader) with { Embedding = ReadEmbedding(reader, 4) } : null;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImageEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var command = connection.CreateCommand($"SELECT {Columns} FROM {Table}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return Read(reader);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImageEntry> ListWithEmbeddingsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var command = connection.CreateCommand($"SELECT {Columns}, embedding FROM {Table}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return Read(reader) with { Embedding = ReadEmbedding(reader, 4) };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        RunAsync((connection, stop) => StoredSettings.ReadAsync(connection, Table, stop), cancellationToken);

    /// <inheritdoc/>
    public Task SetSettingAsync(string name, string? value, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0') || value?.Contains('\0') == true) throw new ArgumentException($"The setting {name.Replace('\0', '?')} has a zero character.", nameof(name));
        RefuseIfReadOnly();
        return RunAsync(async (connection, stop) =>
        {
            await StoredSettings.WriteAsync(connection, Table, name, value, stop).ConfigureAwait(false);
            return true;
        }, cancellationToken, writes: true);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ImageMatch>> SearchAsync(ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken = default)
    {
        StoreInput.CheckQuery(vector, top, Model);
        return RunAsync((connection, stop) => NearestAsync(connection, vector, top, stop), cancellationToken);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>An open connection, which the caller disposes.</summary>
    /// <param name="cancellationToken">Gives up the call.</param>
    protected abstract Task<DbConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Writes pictures in one transaction.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="images">The pictures, which were checked, each with an id of its own.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    protected abstract Task WriteAsync(DbConnection connection, IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken);

    /// <summary>Finds the nearest pictures.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="vector">The vector, which was checked.</param>
    /// <param name="top">How many pictures to give at most.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>The pictures without embeddings, the best first.</returns>
    protected abstract Task<IReadOnlyList<ImageMatch>> NearestAsync(
        DbConnection connection, ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken);

    /// <summary>Reads an embedding.</summary>
    /// <param name="reader">The reader, at a picture.</param>
    /// <param name="column">The column of the embedding.</param>
    protected abstract ReadOnlyMemory<float> ReadEmbedding(DbDataReader reader, int column);

    /// <summary>Runs one call on a connection of its own. What a cancelled statement throws is made the cancellation that it is.</summary>
    /// <param name="work">The call.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <param name="writes">Whether the call writes.</param>
    protected virtual async Task<T> RunAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken, bool writes = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return await work(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    /// <summary>Runs a statement that begins with <see cref="SelectNearest"/>, and reads what it gives.</summary>
    /// <param name="command">The statement.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    protected static async Task<IReadOnlyList<ImageMatch>> ReadMatchesAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var matches = new List<ImageMatch>();
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            matches.Add(new ImageMatch(Read(reader), Convert.ToSingle(reader.GetValue(4))));
        return matches;
    }

    /// <summary>A statement that gives pictures and their scores.</summary>
    /// <param name="score">The score, an expression.</param>
    /// <param name="order">What to order by, the best first; the score is called <c>score</c> there.</param>
    protected string SelectNearest(string score, string order) => $"SELECT {Columns}, {score} AS score FROM {Table} ORDER BY {order}";

    /// <summary>Refuses to write.</summary>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    protected void RefuseIfReadOnly()
    {
        if (_readOnly) throw new InvalidOperationException($"{Name} was opened for reading.");
    }

    /// <summary>What is written to the column <c>metadata</c>: a JSON object of texts.</summary>
    /// <param name="image">The picture.</param>
    protected static string MetadataText(ImageEntry image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return MetadataJson.Write(image.Metadata);
    }

    private static ImageEntry Read(DbDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Size = reader.GetInt64(1),
        Modified = new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(2), DateTimeKind.Utc)),
        Metadata = MetadataJson.Read(reader.GetString(3)),
    };
}
