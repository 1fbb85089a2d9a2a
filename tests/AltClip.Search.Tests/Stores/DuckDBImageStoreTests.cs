using System.Data.Common;
using AltClip.Search.DuckDB;
using AltClip.Search.Sql;
using AltClip.Tests;
using DuckDB.NET.Data;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class DuckDBImageStoreTests : ImageStoreTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<IImageStore> OpenAsync(EmbeddingModel? model, ImageStoreOptions? options = null) =>
        new ImageStores().AddDuckDB().OpenAsync(_folder.File("store.duckdb"), model, options);

    [Fact]
    public async Task OneFileIsLeftBehind()
    {
        await using (var store = await OpenAsync(Model)) await store.UpsertAsync([Vectors.Entry("a", Vectors.Random(new Random(1), 12))]);
        Assert.Equal(["store.duckdb"], _folder.Files);
    }

    /// <summary>What would be written to it would be gone with it.</summary>
    [Fact]
    public async Task AFileThatIsDeletedWhileItIsWrittenToIsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not delete an open file.");
        await using var store = await OpenAsync(Model);
        await store.UpsertAsync([Vectors.Entry("a", Vectors.Random(new Random(1), 12))]);
        File.Delete(_folder.File("store.duckdb"));
        var error = await Assert.ThrowsAsync<ImageStoreException>(() => store.UpsertAsync([Vectors.Entry("b", Vectors.Random(new Random(2), 12))]));
        Assert.Contains("was deleted", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AFileThatIsReplacedWhileItIsSearchedIsRefused(bool moved)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace an open file.");
        foreach (var name in new[] { "store.duckdb", "other.duckdb" })
        {
            await using var made = await DuckDBImageStore.OpenAsync(_folder.File(name), Model);
            await made.UpsertAsync([Vectors.Entry(name, Vectors.Random(new Random(1), 12))]);
        }
        await using (var store = await OpenAsync(Model, new() { ReadOnly = true }))
        {
            Assert.Equal("store.duckdb", (await store.SearchAsync(Vectors.Random(new Random(2), 12), 1))[0].Image.Id);
            if (moved) File.Move(_folder.File("other.duckdb"), _folder.File("store.duckdb"), overwrite: true);
            else Overwrite(_folder.File("store.duckdb"), File.ReadAllBytes(_folder.File("other.duckdb")));
            var error = await Assert.ThrowsAsync<ImageStoreException>(() => store.SearchAsync(Vectors.Random(new Random(2), 12), 1));
            Assert.Contains(_folder.File("store.duckdb"), error.Message);
            await Assert.ThrowsAsync<ImageStoreException>(() => store.CountAsync());
        }
        await using var again = await OpenAsync(Model, new() { ReadOnly = true });
        Assert.Equal("other.duckdb", (await again.SearchAsync(Vectors.Random(new Random(2), 12), 1))[0].Image.Id);

        static void Overwrite(string path, byte[] content)
        {
            // as cp does: .NET itself would not open a file that another holds
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            stream.Write(content);
            stream.SetLength(content.Length);
        }
    }

    [Fact]
    public async Task SettingsOfDuckDBMayBeGiven()
    {
        await using (var store = await DuckDBImageStore.OpenAsync($"Data Source={_folder.File("store.duckdb")};threads=1;memory_limit=200MB", Model))
            Assert.Equal(_folder.File("store.duckdb"), store.Name);
        await using var again = await OpenAsync(null);
        Assert.Equal(Model, again.Model);
    }

    [Fact]
    public async Task WhatIsNoStoreIsRefused()
    {
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => DuckDBImageStore.OpenAsync(Path.Combine(_folder.Path, "no", "x.duckdb"), Model));
        await Assert.ThrowsAsync<ArgumentException>(() => DuckDBImageStore.OpenAsync("Data Source=:memory:", Model));
        await Assert.ThrowsAsync<ArgumentException>(() => DuckDBImageStore.OpenAsync(" ", Model));
        await Assert.ThrowsAsync<ArgumentException>(() => DuckDBImageStore.OpenAsync("Host=db;Password=hush", Model));
        await Assert.ThrowsAnyAsync<DbException>(() => DuckDBImageStore.OpenAsync(_folder.Write("text.duckdb", [.. Enumerable.Repeat((byte)'x', 9000)]), Model));
        Assert.Equal(["text.duckdb"], _folder.Files);
    }

    /// <summary>As a process leaves it that is killed while DuckDB makes the file.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(12287)]
    public async Task AStoreThatAKilledProcessHasOnlyBegunCountsAsNone(int length)
    {
        await using (await OpenAsync(Model)) { }
        byte[] begun = File.ReadAllBytes(_folder.File("store.duckdb"))[..length];
        File.WriteAllBytes(_folder.File("store.duckdb"), begun);
        await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => OpenAsync(null));
        await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), Model, new() { ReadOnly = true }));
        Assert.Equal(begun, File.ReadAllBytes(_folder.File("store.duckdb")));
        await using var store = await OpenAsync(Model);
        Assert.Equal(0, await store.CountAsync());
    }

    [Fact]
    public async Task DisposedStoresSaySo()
    {
        var store = await OpenAsync(Model);
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.CountAsync());
    }

    [Fact]
    public async Task ParquetGoesOutAndIn()
    {
        var random = new Random(6);
        ImageEntry[] images = [.. Enumerable.Range(0, 500).Select(i => Vectors.Entry($"it's {i}", Vectors.Random(random, 12)) with
        {
            Metadata = new Dictionary<string, string> { ["n"] = $"{i}" },
        })];
        var file = _folder.File("it's.parquet");
        await using (var store = (DuckDBImageStore)await OpenAsync(Model))
        {
            await store.UpsertAsync(images);
            Assert.Equal(500, await store.ExportParquetAsync(file));
        }
        await using var other = await DuckDBImageStore.OpenAsync(_folder.File("other.duckdb"), Model);
        await other.UpsertAsync([Vectors.Entry("it's 7", Vectors.Random(random, 12)), Vectors.Entry("own", Vectors.Random(random, 12))]);
        Assert.Equal(new(500, 1, 0, []), await other.ImportParquetAsync(file) with { DuplicateIds = [] });
        Assert.Equal(501, await other.CountAsync());
        foreach (var image in images.Take(20))
        {
            var found = (await other.GetAsync(image.Id))!;
            Assert.Equal(image.Embedding.ToArray(), found.Embedding.ToArray());
            Assert.Equal((image.Size, image.Modified, image.Metadata["n"]), (found.Size, found.Modified, found.Metadata["n"]));
        }
        Assert.Equal(500, (await other.ImportParquetAsync(_folder.File("*.parquet"))).Replaced);
        Assert.Equal(["it's.parquet", "other.duckdb", "other.duckdb.wal", "store.duckdb"], _folder.Files);
    }

    [Fact]
    public async Task ParquetOfAnotherModelIsRefused()
    {
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("a.duckdb"), new("a", 2));
        await store.UpsertAsync([Vectors.Entry("x", [1, 2])]);
        await store.ExportParquetAsync(_folder.File("a.parquet"));
        await using var other = await DuckDBImageStore.OpenAsync(_folder.File("b.duckdb"), new("b", 2));
        await Assert.ThrowsAsync<ModelMismatchException>(() => other.ImportParquetAsync(_folder.File("a.parquet")));
        await Assert.ThrowsAsync<FileNotFoundException>(() => other.ImportParquetAsync(_folder.File("none.parquet")));
        Assert.Equal(0, await other.CountAsync());
    }

    [Fact]
    public async Task ParquetThatIsReplacedByAnotherModelsIsNeverRead()
    {
        byte[][] files = [await ExportedAsync("a", [1, 2]), await ExportedAsync("b", [2, 1])];
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), new("a", 2));
        var path = _folder.Write("in.parquet", files[0]);
        var found = await ReplacedFile.WhileReplacedAsync<ReadOnlyMemory<float>>(path, files, 100, async () =>
        {
            var error = await Record.ExceptionAsync(() => store.ImportParquetAsync(path));
            if (error is not null and not ModelMismatchException) Assert.Contains($"{path} was replaced", Assert.IsType<IOException>(error).Message);
            return await store.GetAsync("x") is { } image ? [image.Embedding] : [];
        });
        Assert.All(found, embedding => Assert.Equal([1, 2], embedding.ToArray()));
        await store.ImportParquetAsync(_folder.Write("last.parquet", files[0]));

        async Task<byte[]> ExportedAsync(string model, float[] embedding)
        {
            await using var other = await DuckDBImageStore.OpenAsync(_folder.File($"{model}.duckdb"), new(model, 2));
            await other.UpsertAsync([Vectors.Entry("x", embedding)]);
            await other.ExportParquetAsync(_folder.File($"{model}.parquet"));
            return File.ReadAllBytes(_folder.File($"{model}.parquet"));
        }
    }

    [Theory]
    [InlineData("SELECT 'a' AS id, [1.0, 2.0] AS embedding UNION ALL SELECT 'bad', [1.0]", "bad has 1 numbers")]
    [InlineData("SELECT 'bad' AS id, [0.0, 0.0] AS embedding", "bad has 2 numbers; expected an id and 2 finite numbers, not all zero")]
    [InlineData("SELECT 'bad' AS id, ['nan'::DOUBLE, 1.0] AS embedding", "bad has 2 numbers")]
    [InlineData("SELECT NULL AS id, [1.0, 2.0] AS embedding", "a picture without id")]
    [InlineData("SELECT 'a' AS id, NULL::FLOAT[] AS embedding", "a has no embedding")]
    [InlineData("SELECT 'a' AS file, [1.0, 2.0] AS embedding", "no column id; found file, embedding")]
    public async Task MalformedParquetIsRefusedAndNothingIsWritten(string query, string message)
    {
        var file = await WriteParquetAsync(query);
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("a.duckdb"), new("a", 2));
        Assert.Contains(message, (await Assert.ThrowsAsync<ImageStoreException>(() => store.ImportParquetAsync(file))).Message);
        Assert.Equal(0, await store.CountAsync());
    }

    [Fact]
    public async Task ParquetOfOtherProgramsNeedsIdsAndEmbeddingsOnly()
    {
        var file = await WriteParquetAsync("""
            SELECT id, embedding, 'x' AS name, 'y' AS filename FROM (VALUES ('a', [3.0, 4.0]), ('a', [4.0, 3.0]), ('b', [0.0, 1.0])) t(id, embedding)
            """);
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("a.duckdb"), new("a", 2));
        var report = await store.ImportParquetAsync(file);
        Assert.Equal((2, 0, 1), (report.Imported, report.Replaced, report.Duplicates));
        Assert.Equal(["a"], report.DuplicateIds);
        Assert.Equal(2, await store.CountAsync());
        Assert.Equal<float[]>([3, 4], (await store.GetAsync("a"))!.Embedding.ToArray());
        var found = await store.GetAsync("b");
        Assert.Equal((0, DateTimeOffset.UnixEpoch, 0), (found!.Size, found.Modified, found.Metadata.Count));
    }

    [Fact]
    public async Task OfRowsWithOneIdTheFirstOfAllFilesIsKept()
    {
        foreach (var (name, first) in new[] { ("1.parquet", 1), ("2.parquet", 2) })
            File.Move(await WriteParquetAsync($"SELECT 'k' || i % 50000 AS id, [{first}, i + 1] AS embedding FROM range(100000) t(i)"), _folder.File(name));
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("a.duckdb"), new("a", 2));
        await store.UpsertAsync([Vectors.Entry("k7", [5, 5]), Vectors.Entry("own", [5, 5])]);
        var report = await store.ImportParquetAsync(_folder.File("*.parquet"));
        Assert.Equal((50000, 1, 150000), (report.Imported, report.Replaced, report.Duplicates));
        Assert.Equal(["k0", "k1", "k10", "k100", "k1000", "k10000", "k10001", "k10002", "k10003", "k10004"], report.DuplicateIds);
        Assert.Equal(50001, await store.CountAsync());
        foreach (var i in new[] { 0, 7, 2048, 49999 }) Assert.Equal<float[]>([1, i + 1], (await store.GetAsync($"k{i}"))!.Embedding.ToArray());
    }

    private async Task<string> WriteParquetAsync(string query)
    {
        var file = _folder.File("in.parquet");
        using var connection = new DuckDBConnection($"Data Source={_folder.File("scratch.duckdb")}");
        await connection.OpenAsync();
        await connection.ExecuteAsync($"COPY ({query}) TO '{file}' (FORMAT parquet)", default);
        return file;
    }
}
