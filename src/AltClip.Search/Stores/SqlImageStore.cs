using System.Data.Common;
using System.Runtime.CompilerServices;

namespace AltClip.Search;

/// <summary>What the two databases have in common: the statements, which are the same but for a few words.</summary>
public abstract class SqlImageStore : IImageStore
{
    private const string Columns = "id, size, modified, CAST(metadata AS text)";

    private readonly bool _readOnly;

    private protected SqlImageStore(string name, EmbeddingModel model, ImageStoreOptions options) =>
        (Name, Model, Table, _readOnly) = (name, model, options.Table, options.ReadOnly);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public EmbeddingModel Model { get; }

    private protected string Table { get; }

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => RunAsync(async (connection, stop) =>
    {
        using var command = Command(connection, $"SELECT count(*) FROM {Table}");
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
            using var command = Command(connection, $"DELETE FROM {Table} WHERE id = ANY($1)", possible);
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
            using var command = Command(connection, $"SELECT {Columns}, embedding FROM {Table} WHERE id = $1", id);
            using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
            return await reader.ReadAsync(stop).ConfigureAwait(false) ? Read(reader) with { Embedding = ReadEmbedding(reader, 4) } : null;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImageEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var command = Command(connection, $"SELECT {Columns} FROM {Table}");
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return Read(reader);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ImageMatch>> SearchAsync(ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken = default)
    {
        StoreInput.CheckVector(vector.Span, Model, "the query", nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        return RunAsync((connection, stop) => NearestAsync(connection, vector, top, stop), cancellationToken);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>An open connection, which the caller disposes.</summary>
    private protected abstract Task<DbConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Writes pictures with ids of their own, in one transaction.</summary>
    private protected abstract Task WriteAsync(DbConnection connection, IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken);

    private protected abstract Task<IReadOnlyList<ImageMatch>> NearestAsync(
        DbConnection connection, ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken);

    private protected abstract ReadOnlyMemory<float> ReadEmbedding(DbDataReader reader, int column);

    /// <summary>Runs one call on a connection of its own. What a cancelled statement throws is made the cancellation that it is.</summary>
    private protected virtual async Task<T> RunAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> call, CancellationToken cancellationToken, bool writes = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return await call(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    /// <summary>Reads matches: the columns of a picture, then its score.</summary>
    private protected static async Task<IReadOnlyList<ImageMatch>> ReadMatchesAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var matches = new List<ImageMatch>();
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            matches.Add(new ImageMatch(Read(reader), Convert.ToSingle(reader.GetValue(4))));
        return matches;
    }

    private protected string SelectNearest(string score, string order) => $"SELECT {Columns}, {score} AS score FROM {Table} ORDER BY {order}";

    /// <summary>A statement with the parameters <c>$1</c>, <c>$2</c>, …</summary>
    internal static DbCommand Command(DbConnection connection, string text, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var value in values)
        {
            var parameter = command.CreateParameter();
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    internal static async Task ExecuteAsync(DbConnection connection, string text, CancellationToken cancellationToken)
    {
        using var command = Command(connection, text);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private protected void RefuseIfReadOnly()
    {
        if (_readOnly) throw new InvalidOperationException($"{Name} was opened for reading.");
    }

    private static ImageEntry Read(DbDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Size = reader.GetInt64(1),
        Modified = new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(2), DateTimeKind.Utc)),
        Metadata = MetadataJson.Read(reader.GetString(3)),
    };
}
