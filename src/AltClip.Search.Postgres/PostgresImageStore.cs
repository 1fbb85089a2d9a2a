using System.Data.Common;
using AltClip.Search.Sql;
using Npgsql;
using Pgvector;

namespace AltClip.Search.Postgres;

/// <summary>
/// A store in PostgreSQL with pgvector 0.8 or newer, for more pictures than one machine should compare with one by one, or for several
/// processes that write. Searches go through an HNSW index and may miss a neighbour; <see cref="SearchExactlyAsync"/> misses none.
/// </summary>
/// <remarks>
/// The store makes its tables, its index and, where the user may, the extension. Connections are pooled as the connection string says. A
/// call takes one connection at a time.
/// </remarks>
public sealed class PostgresImageStore : SqlImageStore
{
    private readonly NpgsqlDataSource _source;
    private readonly HnswOptions _hnsw;

    private PostgresImageStore(string name, NpgsqlDataSource source, EmbeddingModel model, ImageStoreOptions options, HnswOptions hnsw)
        : base(name, model, options) => (_source, _hnsw) = (source, hnsw);

    /// <summary><c>postgresql</c></summary>
    public override string SystemName => "postgresql";

    /// <summary>Opens a database, and makes the tables if there are none yet.</summary>
    /// <param name="connectionString">
    /// <c>Host=…</c> with the words of Npgsql, or <c>postgresql://user:password@host:port/database?sslmode=…</c>.
    /// </param>
    /// <param name="model">What makes the embeddings; null for whatever the store has, which then must exist.</param>
    /// <param name="options">Reading only, the table; null for the defaults.</param>
    /// <param name="hnsw">The index; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <inheritdoc cref="ImageStores.OpenAsync" path="/exception"/>
    /// <exception cref="NotSupportedException">The database has no pgvector, or one older than 0.8.</exception>
    /// <exception cref="ArgumentException">The model has more than the 2,000 dimensions that pgvector can index.</exception>
    public static async Task<PostgresImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, HnswOptions? hnsw = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new ImageStoreOptions();
        hnsw ??= new HnswOptions();
        hnsw.Validate();
        var address = PostgresAddress.Parse(connectionString);
        if (model?.Dimensions > PostgresTables.MostDimensions)
            throw new ArgumentException($"{model} is more than the {PostgresTables.MostDimensions} dimensions that pgvector can index.", nameof(model));
        var name = $"postgresql://{address.Host}:{address.Port}/{address.Database ?? address.Username}";
        var builder = new NpgsqlDataSourceBuilder(address.ConnectionString);
        builder.UseVector();
        var source = builder.Build();
        try
        {
            var stored = await PostgresTables.PrepareAsync(source, name, model, options, hnsw, cancellationToken).ConfigureAwait(false);
            return new PostgresImageStore(name, source, stored, options, hnsw);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Finds the nearest pictures by comparing with each one, without the index.</summary>
    /// <inheritdoc cref="IImageStore.SearchAsync"/>
    public Task<IReadOnlyList<ImageMatch>> SearchExactlyAsync(ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken = default)
    {
        StoreInput.CheckQuery(vector, top, Model);
        return RunAsync(
            (connection, stop) => NearestAsync(connection, vector, top, "SET LOCAL enable_indexscan = off", stop), cancellationToken);
    }

    /// <summary>Closes the connections.</summary>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <inheritdoc/>
    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken) =>
        await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override async Task WriteAsync(
        DbConnection connection, IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        using var batch = connection.CreateBatch();
        // In one order, so that two who write the same pictures don't wait for each other.
        foreach (var image in images.OrderBy(image => image.Id, StringComparer.Ordinal))
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = PostgresTables.Upsert(Table);
            foreach (object value in new object[]
            {
                image.Id, new Vector(image.Embedding), image.Size, image.Modified.UtcDateTime, MetadataText(image),
            })
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }
            batch.BatchCommands.Add(command);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    // A search gives no more than it looks at; the iterative scan looks further where rows that were replaced or deleted are in the way.
    protected override Task<IReadOnlyList<ImageMatch>> NearestAsync(
        DbConnection connection, ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken) => NearestAsync(
            connection, vector, top,
            $"SET LOCAL hnsw.ef_search = {Math.Min(1000, Math.Max(_hnsw.EfSearch, top))}; SET LOCAL hnsw.iterative_scan = strict_order",
            cancellationToken);

    /// <inheritdoc/>
    protected override ReadOnlyMemory<float> ReadEmbedding(DbDataReader reader, int column) => reader.GetFieldValue<Vector>(column).Memory;

    private async Task<IReadOnlyList<ImageMatch>> NearestAsync(
        DbConnection connection, ReadOnlyMemory<float> vector, int top, string settings, CancellationToken cancellationToken)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(settings, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ImageMatch> matches;
        using (var command = connection.CreateCommand($"{SelectNearest("1 - (embedding <=> $1)", "embedding <=> $1")} LIMIT {top}", new Vector(vector)))
            matches = await ReadMatchesAsync(command, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        // The index knows no order of equals.
        return [.. matches.OrderByDescending(match => match.Score).ThenBy(match => match.Image.Id, StringComparer.Ordinal)];
    }
}
