using AltClip.Search.Postgres;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class PostgresImageStoreTests(PostgresServer server) : ImageStoreTests, IClassFixture<PostgresServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await server.ClearAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task<IImageStore> OpenAsync(EmbeddingModel? model, ImageStoreOptions? options = null) =>
        new ImageStores().AddPostgres().OpenAsync(server.ConnectionString, model, options);

    [Fact]
    public async Task UrisAreTaken()
    {
        var port = new Npgsql.NpgsqlConnectionStringBuilder(server.ConnectionString).Port;
        await using var store = await PostgresImageStore.OpenAsync(
            $"postgresql://postgres:s%40cret@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable", Model);
        Assert.Equal($"postgresql://127.0.0.1:{port}/postgres", store.Name);
        await store.UpsertAsync([Vectors.Entry("a", Vectors.Random(new Random(1), 12))]);
        Assert.Equal(1, await store.CountAsync());
    }

    [Fact]
    public async Task MoreThanTheIndexLooksAtAreFound()
    {
        var random = new Random(7);
        ImageEntry[] images = [.. Enumerable.Range(0, 1500).Select(i => Vectors.Entry($"{i}", Vectors.Random(random, 12)))];
        await using var store = await new ImageStores().AddPostgres(new() { EfSearch = 10 }).OpenAsync(server.ConnectionString, Model);
        await store.UpsertAsync(images);
        var found = await store.SearchAsync(Vectors.Random(random, 12), 1200);
        Assert.Equal(1200, found.Count);
        Assert.Equal(found.OrderByDescending(match => match.Score), found);
    }

    /// <summary>Vectors in clusters, as embeddings of pictures are; 40 % of each query is its cluster's.</summary>
    [Fact]
    public async Task TheIndexFindsTheTrueNeighbours()
    {
        const int Count = 3000, Dimensions = 192, Top = 10, Queries = 50;
        var random = new Random(8);
        float[][] centers = [.. Enumerable.Range(0, 50).Select(_ => Vectors.Random(random, Dimensions))];
        float[] Near() => [.. Vectors.Random(random, Dimensions).Zip(centers[random.Next(centers.Length)], (own, center) => own + center)];
        await using var store = await PostgresImageStore.OpenAsync(server.ConnectionString, new("clusters", Dimensions));
        foreach (var batch in Enumerable.Range(0, Count).Chunk(500)) await store.UpsertAsync([.. batch.Select(i => Vectors.Entry($"{i}", Near()))]);

        var found = 0;
        for (var query = 0; query < Queries; query++)
        {
            var vector = Near();
            var exact = (await store.SearchExactlyAsync(vector, Top)).Select(match => match.Image.Id).ToHashSet();
            Assert.Equal(Top, exact.Count);
            found += (await store.SearchAsync(vector, Top)).Count(match => exact.Contains(match.Image.Id));
        }
        var recall = (double)found / (Queries * Top);
        TestContext.Current.SendDiagnosticMessage("recall@{0}: {1:f3}", Top, recall);
        Assert.InRange(recall, 0.9, 1);
    }

    /// <summary>A graph so poor that whoever goes through it misses neighbours.</summary>
    [Fact]
    public async Task TheIndexIsUsedAndTheExactScanDoesWithoutIt()
    {
        await using var store = await PostgresImageStore.OpenAsync(server.ConnectionString, Model, hnsw: new() { M = 2, EfConstruction = 4, EfSearch = 1 });
        var random = new Random(9);
        ImageEntry[] images = [.. Enumerable.Range(0, 2000).Select(i => Vectors.Entry($"{i}", Vectors.Random(random, 12)))];
        await store.UpsertAsync(images);
        var missed = 0;
        for (var query = 0; query < 30; query++)
        {
            var vector = Vectors.Random(random, 12);
            var nearest = Vectors.Nearest(images, vector, 1);
            Vectors.AssertSame(nearest, await store.SearchExactlyAsync(vector, 1));
            if ((await store.SearchAsync(vector, 1))[0].Image.Id != nearest[0].Id) missed++;
        }
        Assert.InRange(missed, 1, 30);
    }

    [Fact]
    public async Task WhatPgvectorCantIndexIsRefused() =>
        Assert.Contains("2000", (await Assert.ThrowsAsync<ArgumentException>(() => OpenAsync(new(Model.Id, 2001)))).Message);
}
