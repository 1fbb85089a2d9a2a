using AltClip.Search.DuckDB;
using AltClip.Search.Postgres;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class ImageStoresTests
{
    [Theory]
    [InlineData("Host=db;Username=u", "PostgreSQL")]
    [InlineData("server = db; Username=u", "PostgreSQL")]
    [InlineData("Username=u;Host=db", "PostgreSQL")]
    [InlineData("postgresql://db/x", "PostgreSQL")]
    [InlineData("Postgres://db", "PostgreSQL")]
    [InlineData("pictures.duckdb", "DuckDB")]
    [InlineData("/a/b=c/pictures.duckdb", "DuckDB")]
    [InlineData("./b=c.duckdb", "DuckDB")]
    [InlineData(@"C:\pictures\index.duckdb", "DuckDB")]
    [InlineData("C://pictures/index.duckdb", "DuckDB")]
    [InlineData("Data Source=pictures.duckdb;threads=2", "DuckDB")]
    [InlineData("threads=2;datasource=pictures.duckdb", "DuckDB")]
    public void AConnectionStringIsOneDatabases(string connectionString, string expected)
    {
        var accepting = new ImageStores().AddDuckDB().AddPostgres().Providers.Where(provider => provider.Accepts(connectionString));
        Assert.Equal([expected], accepting.Select(provider => provider.Name));
    }

    [Theory]
    [InlineData("mongodb://user:hush@db/x", "No store takes mongodb://…; expected a file's path or Data Source=… (DuckDB); Host=… or postgresql://… (PostgreSQL).")]
    [InlineData("Endpoint=db;Key=hush", "No store takes Endpoint=…; expected a file's path")]
    public async Task WhatNoStoreTakesIsRefusedWithoutItsPasswords(string connectionString, string message)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => new ImageStores().AddDuckDB().AddPostgres().OpenAsync(connectionString));
        Assert.StartsWith(message, error.Message);
        Assert.DoesNotContain("hush", error.ToString());
    }

    [Fact]
    public async Task OnlyWhatWasAddedIsOpened()
    {
        using var folder = new AltClip.Tests.TemporaryFolder();
        var model = new EmbeddingModel("m", 2);
        await Refused(new ImageStores().AddDuckDB(), "Host=db;Password=hush", "No store takes Host=…; expected a file's path or Data Source=… (DuckDB).");
        await Refused(new ImageStores().AddPostgres(), folder.File("a.duckdb"), "No store takes a path; expected Host=… or postgresql://… (PostgreSQL).");
        await Refused(new ImageStores(), folder.File("a.duckdb"), "No store takes a path; expected one that was added: none was.");
        await Refused(new ImageStores().AddDuckDB(), " ", "");
        Assert.Empty(folder.Files);

        async Task Refused(ImageStores stores, string connectionString, string message) =>
            Assert.StartsWith(message, (await Assert.ThrowsAsync<ArgumentException>(() => stores.OpenAsync(connectionString, model))).Message);
    }

    [Fact]
    public async Task AStoreIsAddedByOneLine()
    {
        var stores = new ImageStores().AddDuckDB().Add(new Nowhere()).AddPostgres();
        var options = new ImageStoreOptions { Table = "photos" };
        var error = await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => stores.OpenAsync("nowhere://a", new("m", 2), options));
        Assert.Equal("nowhere://a has no photos of m (2 dimensions)", error.Message);
        Assert.Contains("nowhere://… (Nowhere)", stores.ToString());
    }

    [Fact]
    public void NothingIsAddedTwice() =>
        Assert.Contains("DuckDB was added before", Assert.Throws<ArgumentException>(() => new ImageStores().AddDuckDB().AddDuckDB()).Message);

    /// <summary>A database that has no stores.</summary>
    private sealed class Nowhere : IImageStoreProvider
    {
        public string Name => "Nowhere";

        public string ConnectionStringFormat => "nowhere://…";

        public bool Accepts(string connectionString) => ConnectionStrings.HasScheme(connectionString, "nowhere");

        public Task<IImageStore> OpenAsync(
            string connectionString, EmbeddingModel? model, ImageStoreOptions? options, CancellationToken cancellationToken) =>
            throw new ImageStoreNotFoundException($"{connectionString} has no {options?.Table} of {model}");
    }
}
