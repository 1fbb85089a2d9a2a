using System.Data.Common;
using AltClip.Search.Sql;
using AltClip.Shared;
using DuckDB.NET.Data;

namespace AltClip.Search.DuckDB;

/// <summary>
/// A store in one DuckDB file, in this process. A search compares with every picture, exactly, on all processor cores.
/// </summary>
/// <remarks>
/// A file that was opened for reading and is replaced or written into by another program is refused from then on, and so is one that is deleted: open it
/// again.
/// Embeddings are <c>FLOAT[n]</c> and compared by <c>array_cosine_similarity</c>. One process may write, or several may read.
/// <see cref="ExportParquetAsync"/> and <see cref="ImportParquetAsync"/> exchange the pictures with other programs.
/// </remarks>
public sealed class DuckDBImageStore : SqlImageStore
{
    private const int HeaderBytes = 3 * 4096;
    private const int MarkStart = 8; // behind a sum

    private static readonly byte[] Mark = [.. "DUCK"u8];

    private readonly string _connectionString;
    private readonly DuckDBConnection _anchor; // keeps the database open between calls
    private readonly SemaphoreSlim _writing = new(1); // DuckDB refuses, rather than queues, transactions that touch the same rows

    private readonly FileStamp? _stamp; // null where the file is written to, and changes by itself

    private DuckDBImageStore(DuckDBFile file, DuckDBConnection anchor, EmbeddingModel model, ImageStoreOptions options, FileStamp? stamp)
        : base(file.Path, model, options) => (_connectionString, _anchor, _stamp) = (file.ConnectionString, anchor, options.ReadOnly ? stamp : null);

    /// <summary><c>duckdb</c></summary>
    public override string SystemName => "duckdb";

    /// <summary>Opens a file, and makes it if there is none yet.</summary>
    /// <param name="connectionString">The file's path, or <c>Data Source=…</c> with settings of DuckDB, such as <c>memory_limit=2GB</c>.</param>
    /// <param name="model">What makes the embeddings; null for whatever the store has, which then must exist.</param>
    /// <param name="options">Reading only, the table; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <inheritdoc cref="ImageStores.OpenAsync" path="/exception"/>
    /// <exception cref="DirectoryNotFoundException">The folder of the file doesn't exist.</exception>
    /// <exception cref="IOException">It is a folder, a pipe, a device or a socket.</exception>
    public static Task<DuckDBImageStore> OpenAsync(
        string connectionString, EmbeddingModel? model = null, ImageStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ImageStoreOptions();
        var file = DuckDBFile.Parse(connectionString, options.ReadOnly);
        // Before it is opened: that would wait for a pipe's writer.
        _ = OutputFile.At(file.Path);
        if (!File.Exists(file.Path) && (options.ReadOnly || model is null))
            throw new ImageStoreNotFoundException($"There is no store {file.Path}.");
        return Task.Run(() => File.Exists(file.Path) ? OpenExistingAsync(file, model, options, cancellationToken) : CreateAsync(file, model, options, cancellationToken), cancellationToken);
    }

    /// <summary>Writes all pictures to a Parquet file, which appears when it is complete, over one that was there. A link is followed.</summary>
    /// <param name="path">
    /// The file. Its columns are <c>id</c>, <c>embedding</c> (a list of float32), <c>size</c>, <c>modified</c> (UTC, microseconds) and
    /// <c>metadata</c> (a JSON object); its key-value metadata has <c>altclip.model</c> and <c>altclip.dimensions</c>.
    /// </param>
    /// <param name="cancellationToken">Gives up the call; no file appears.</param>
    /// <returns>How many pictures were written.</returns>
    /// <exception cref="IOException">The path is one of a folder, a pipe, a device or a socket, or the folder of the file doesn't exist.</exception>
    public Task<long> ExportParquetAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = OutputFile.At(path);
        return RunAsync((connection, stop) => ParquetPictures.WriteAsync(connection, Table, Model, file, stop), cancellationToken);
    }

    /// <summary>
    /// Puts the pictures of Parquet files into the store, in place of those of the same id: all of them, or after an exception none. Of several
    /// rows with one id the first is kept.
    /// </summary>
    /// <param name="path">
    /// A file that <see cref="ExportParquetAsync"/> or another program wrote, or several by a pattern with <c>*</c>. Columns <c>id</c> and
    /// <c>embedding</c> must be there; <c>size</c>, <c>modified</c> and <c>metadata</c> may be left out.
    /// </param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <returns>How many pictures were imported, how many of the store they replaced, and which rows were left out.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">A file was replaced or written to while it was read, or it is none.</exception>
    /// <exception cref="ModelMismatchException">The file says that another model made its embeddings.</exception>
    /// <exception cref="ImageStoreException">A file is no Parquet file, a column is missing, or an id or an embedding is missing or malformed.</exception>
    /// <exception cref="InvalidOperationException">The store was opened for reading.</exception>
    public Task<ParquetImportReport> ImportParquetAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RefuseIfReadOnly();
        return RunAsync((connection, stop) => ParquetPictures.ReadAsync(connection, Table, Model, path, stop), cancellationToken, writes: true);
    }

    /// <summary>Closes the file once the calls under way are done.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _anchor.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        RefuseIfReplaced();
        ObjectDisposedException.ThrowIf(_anchor.State != System.Data.ConnectionState.Open, this);
        return await DuckDBFile.ConnectAsync(_connectionString, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    // DuckDB computes on the calling thread, which may be one of a user interface or of a server's few.
    protected override async Task<T> RunAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken, bool writes = false)
    {
        if (writes) await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await Task.Run(() => base.RunAsync(work, cancellationToken), cancellationToken).ConfigureAwait(false);
            // What was read meanwhile may be of both files.
            RefuseIfReplaced();
            return result;
        }
        finally
        {
            if (writes) _writing.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task WriteAsync(
        DbConnection connection, IReadOnlyCollection<ImageEntry> images, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(DuckDBTables.Create("TEMP TABLE written", Model.Dimensions), cancellationToken).ConfigureAwait(false);
        using (var appender = ((DuckDBConnection)connection).CreateAppender("temp", "main", "written"))
        {
            foreach (var image in images)
            {
                cancellationToken.ThrowIfCancellationRequested();
                appender.CreateRow().AppendValue(image.Id).AppendValue(image.Embedding.ToArray()).AppendValue(image.Size)
                    .AppendValue(image.Modified.UtcDateTime).AppendValue(MetadataText(image)).EndRow();
            }
        }
        await connection.ExecuteAsync(DuckDBTables.Upsert(Table, "written"), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<ImageMatch>> NearestAsync(
        DbConnection connection, ReadOnlyMemory<float> vector, int top, CancellationToken cancellationToken)
    {
        var score = $"array_cosine_similarity(embedding, $1::FLOAT[{Model.Dimensions}])";
        using var command = connection.CreateCommand($"{SelectNearest(score, "score DESC, id")} LIMIT {top}", vector.ToArray().ToList());
        return await ReadMatchesAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ReadOnlyMemory<float> ReadEmbedding(DbDataReader reader, int column) =>
        reader.GetFieldValue<List<float>>(column).ToArray();

    /// <summary>Opens a file that is there. One that a killed process has only begun counts as none: DuckDB would never open it.</summary>
    private static async Task<DuckDBImageStore> OpenExistingAsync(
        DuckDBFile file, EmbeddingModel? model, ImageStoreOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(file, model, options, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException error) when (!IsInUse(error) && IsBegun(file.Path))
        {
            if (options.ReadOnly || model is null)
                throw new ImageStoreNotFoundException($"There is no store {file.Path}: a process that was ended has only begun it.");
            File.Delete(OutputFile.At(file.Path));
        }
        return await CreateAsync(file, model, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a file that isn't there. What a full disk leaves of it is deleted: DuckDB would never open it.</summary>
    private static async Task<DuckDBImageStore> CreateAsync(
        DuckDBFile file, EmbeddingModel? model, ImageStoreOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(file, model, options, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException error) when (!IsInUse(error) && RealPath.FileAt(file.Path) is { Exists: true, Length: < HeaderBytes } unfinished)
        {
            unfinished.Delete();
            throw;
        }
    }

    /// <summary>Whether a file is empty, or has less than the headers that DuckDB begins one with. What isn't DuckDB's is nobody's to delete.</summary>
    private static bool IsBegun(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length == 0) return true;
        var start = new byte[MarkStart + Mark.Length];
        return file.Length < HeaderBytes && file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan(MarkStart).SequenceEqual(Mark);
    }

    // The other process may be making the file.
    private static bool IsInUse(DbException error) => error.Message.Contains("Could not set lock", StringComparison.Ordinal);

    /// <exception cref="ImageStoreException">The file isn't the one that was opened for reading, or is gone: what is written then goes with it.</exception>
    private void RefuseIfReplaced()
    {
        if (_stamp is null && !File.Exists(Name)) throw new ImageStoreException($"The store {Name} was deleted since it was opened; open it again, which makes it anew.");
        if (_stamp is not null && FileStamp.Of(Name) != _stamp)
            throw new ImageStoreException($"The store {Name} was replaced or written into since it was opened for reading; open it again.");
    }

    private static async Task<DuckDBImageStore> OpenAsync(
        DuckDBFile file, EmbeddingModel? model, ImageStoreOptions options, CancellationToken cancellationToken)
    {
        var stamp = FileStamp.Of(file.Path);
        var connection = await DuckDBFile.ConnectAsync(file.ConnectionString, cancellationToken).ConfigureAwait(false);
        try
        {
            var stored = await StoredModel.ReadAsync(connection, file.Path, options.Table, cancellationToken).ConfigureAwait(false);
            ModelMismatchException.ThrowIfDifferent(file.Path, stored ?? model!, model);
            if (stored is null && (model is null || options.ReadOnly))
                throw new ImageStoreNotFoundException($"There is no store in {file.Path}{(options.Table == new ImageStoreOptions().Table ? "" : $" in the table {options.Table}")}: nothing was put into it yet.");
            if (stored is null) await DuckDBTables.CreateStoreAsync(connection, options.Table, model!, cancellationToken).ConfigureAwait(false);
            return new DuckDBImageStore(file, connection, stored ?? model!, options, stamp);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
