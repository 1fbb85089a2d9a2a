using Xunit;

namespace AltClip.Search.Tests;

/// <summary>What every store does.</summary>
public abstract class ImageStoreTests
{
    protected static readonly EmbeddingModel Model = new("BAAI/AltCLIP", 12);

    /// <summary>Opens the test's own store, each time the same.</summary>
    protected abstract Task<IImageStore> OpenAsync(EmbeddingModel? model, ImageStoreOptions? options = null);

    [Fact]
    public async Task AnyWritesAndDeletesLeaveWhatTheyWould()
    {
        var random = new Random(1);
        var expected = new Dictionary<string, ImageEntry>();
        await using var store = await OpenAsync(Model);
        for (var round = 0; round < 40; round++)
        {
            ImageEntry[] written = [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => Vectors.Entry($"p{random.Next(60)}", Vectors.Random(random, 12)))];
            await store.UpsertAsync(written);
            foreach (var image in written) expected[image.Id] = image;
            string[] deleted = [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => $"p{random.Next(60)}").Distinct()];
            Assert.Equal(deleted.Count(expected.Remove), await store.DeleteAsync(deleted));

            Assert.Equal(expected.Count, await store.CountAsync());
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), (await store.ListAsync().ToListAsync()).Select(image => image.Id).Order(StringComparer.Ordinal));
            var query = Vectors.Random(random, 12);
            var top = random.Next(1, 20);
            Vectors.AssertSame(Vectors.Nearest(expected.Values, query, top), await store.SearchAsync(query, top));
        }
    }

    [Fact]
    public async Task APictureComesBackAsItWas()
    {
        var image = new ImageEntry
        {
            Id = "photos/Ünï ' \" \\ 企鹅 🐧.jpg",
            Embedding = new float[] { 1, -2, 3e-5f, 4, 5, 6, 7, 8, 9, 10, 11, float.Pi },
            Size = 5_000_000_000,
            Modified = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(3)).AddTicks(1234567),
            Metadata = new Dictionary<string, string> { ["title"] = "Pingüino \"企鹅\"", ["empty"] = "" },
        };
        await using (var store = await OpenAsync(Model)) await store.UpsertAsync([Vectors.Entry("other", [.. Enumerable.Repeat(-1f, 12)]), image]);
        await using var again = await OpenAsync(Model);
        var found = await again.GetAsync(image.Id);
        Assert.Equal(image.Embedding.ToArray(), found!.Embedding.ToArray());
        AssertSame(image, found);
        AssertSame(image, (await again.SearchAsync(image.Embedding, 1))[0].Image);
        AssertSame(image, await again.ListAsync().SingleAsync(listed => listed.Id == image.Id));
        Assert.Null(await again.GetAsync("photos"));
        Assert.Equal(TimeSpan.FromMicroseconds(123456), found.Modified - new DateTimeOffset(2026, 2, 28, 20, 59, 59, TimeSpan.Zero));
    }

    [Fact]
    public async Task TheLastOfSeveralWithOneIdIsKept()
    {
        await using var store = await OpenAsync(Model);
        var random = new Random(2);
        float[][] vectors = [Vectors.Random(random, 12), Vectors.Random(random, 12)];
        await store.UpsertAsync([Vectors.Entry("a", vectors[0]), Vectors.Entry("a", vectors[1])]);
        Assert.Equal(vectors[1], (await store.GetAsync("a"))!.Embedding.ToArray());
        Assert.Equal(1, await store.CountAsync());
    }

    [Fact]
    public async Task BadPicturesAreRefusedAndNothingIsWritten()
    {
        await using var store = await OpenAsync(Model);
        var good = Vectors.Entry("good", Vectors.Random(new Random(3), 12));
        await Refused(good with { Id = "" }, "no id");
        await Refused(good with { Id = "a\0b" }, "zero character");
        await Refused(good with { Metadata = new Dictionary<string, string> { ["a"] = "\0" } }, "metadata of good has a zero character");
        await Refused(good with { Id = "short", Embedding = new float[11] }, "short has 11 numbers; expected 12");
        await Refused(good with { Id = "zero", Embedding = new float[12] }, "zero has only zeros");
        await Refused(good with { Id = "nan", Embedding = Enumerable.Repeat(float.NaN, 12).ToArray() }, "nan has numbers that are not finite");
        await Refused(good with { Size = -1 }, "-1 bytes");
        Assert.Equal(0, await store.CountAsync());
        await store.UpsertAsync([]);

        async Task Refused(ImageEntry bad, string message) =>
            Assert.Contains(message, (await Assert.ThrowsAsync<ArgumentException>(() => store.UpsertAsync([good, bad]))).Message);
    }

    [Fact]
    public async Task IdsThatCantBeAreNotThere()
    {
        await using var store = await OpenAsync(Model);
        await store.UpsertAsync([Vectors.Entry("a", Vectors.Random(new Random(3), 12))]);
        foreach (var id in new[] { "", "a\0", "a\0b", "A", "a ", "%" })
        {
            Assert.Null(await store.GetAsync(id));
            Assert.Equal(0, await store.DeleteAsync([id]));
        }
        Assert.Equal(1, await store.CountAsync());
    }

    [Fact]
    public async Task BadQueriesAreRefused()
    {
        await using var store = await OpenAsync(Model);
        await Assert.ThrowsAsync<ArgumentException>(() => store.SearchAsync(new float[3], 1));
        await Assert.ThrowsAsync<ArgumentException>(() => store.SearchAsync(new float[12], 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.SearchAsync(Enumerable.Repeat(1f, 12).ToArray(), 0));
        Assert.Empty(await store.SearchAsync(Enumerable.Repeat(1f, 12).ToArray(), 5));
    }

    [Fact]
    public async Task AnotherModelIsRefused()
    {
        await using (await OpenAsync(Model)) { }
        var error = await Assert.ThrowsAsync<ModelMismatchException>(() => OpenAsync(new("altclip-emoji", 12)));
        Assert.Contains("BAAI/AltCLIP", error.Message);
        Assert.Contains("altclip-emoji", error.Message);
        error = await Assert.ThrowsAsync<ModelMismatchException>(() => OpenAsync(new(Model.Id, 13)));
        Assert.Equal(12, error.Stored.Dimensions);
        Assert.Equal(13, error.Asked.Dimensions);
        await using var any = await OpenAsync(null);
        Assert.Equal(Model, any.Model);
    }

    [Fact]
    public async Task SettingsAreRemembered()
    {
        await using (var store = await OpenAsync(Model))
        {
            Assert.Empty(await store.GetSettingsAsync());
            await store.SetSettingAsync("none", null);
            await store.SetSettingAsync("folder:/Fotos d'été/企鹅", "{\"a\": \"'\"}");
            await store.SetSettingAsync("gone", "x");
            await store.SetSettingAsync("model", "one");
            await store.SetSettingAsync("model", "two");
            await store.SetSettingAsync("gone", null);
            await Assert.ThrowsAsync<ArgumentException>(() => store.SetSettingAsync("", "x"));
            await Assert.ThrowsAsync<ArgumentException>(() => store.SetSettingAsync("a", "x\0"));
        }
        await using var reader = await OpenAsync(null, new() { ReadOnly = true });
        var settings = await reader.GetSettingsAsync();
        Assert.Equal([("folder:/Fotos d'été/企鹅", "{\"a\": \"'\"}"), ("model", "two")], settings.OrderBy(setting => setting.Key).Select(setting => (setting.Key, setting.Value)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.SetSettingAsync("a", "b"));
    }

    [Fact]
    public async Task AllAreListedWithTheirEmbeddings()
    {
        var random = new Random(6);
        ImageEntry[] images = [.. Enumerable.Range(0, 30).Select(i => Vectors.Entry($"p{i:00}", Vectors.Random(random, 12)))];
        await using var store = await OpenAsync(Model);
        await store.UpsertAsync(images);
        var listed = await store.ListWithEmbeddingsAsync().OrderBy(image => image.Id).ToListAsync();
        Assert.Equal(images.Select(image => image.Id), listed.Select(image => image.Id));
        Assert.Equal(images.Select(image => image.Embedding.ToArray()), listed.Select(image => image.Embedding.ToArray()));
    }

    [Fact]
    public async Task ReadersNeedAStoreAndDontWrite()
    {
        await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => OpenAsync(null));
        await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => OpenAsync(Model, new() { ReadOnly = true }));
        var image = Vectors.Entry("a", Vectors.Random(new Random(4), 12));
        await using (var writer = await OpenAsync(Model)) await writer.UpsertAsync([image]);
        await using var reader = await OpenAsync(Model, new() { ReadOnly = true });
        Assert.Equal("a", Assert.Single(await reader.SearchAsync(image.Embedding, 5)).Image.Id);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.UpsertAsync([image]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.DeleteAsync(["a"]));
    }

    [Fact]
    public async Task TablesOfOneDatabaseAreApart()
    {
        var image = Vectors.Entry("a", [3, 4]);
        await using (var first = await OpenAsync(Model)) Assert.Equal(0, await first.CountAsync());
        await using (var second = await OpenAsync(new("other", 2), new() { Table = "second" })) await second.UpsertAsync([image]);
        await using (var first = await OpenAsync(Model)) Assert.Equal(0, await first.CountAsync());
        await using (var second = await OpenAsync(null, new() { Table = "second" })) Assert.Equal(1, await second.CountAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => OpenAsync(Model, new() { Table = "images; DROP TABLE images" }));
    }

    [Fact]
    public async Task CancelledCallsChangeNothing()
    {
        await using var store = await OpenAsync(Model);
        var cancelled = new CancellationToken(canceled: true);
        var image = Vectors.Entry("a", Vectors.Random(new Random(5), 12));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.UpsertAsync([image], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.SearchAsync(image.Embedding, 1, cancelled));
        Assert.Equal(0, await store.CountAsync());
        await store.UpsertAsync([image]);
        Assert.Equal(1, await store.CountAsync());
    }

    [Fact]
    public async Task ThreadsMayShareAStore()
    {
        await using var store = await OpenAsync(Model);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (var i = 0; i < 5; i++)
            {
                // The same pictures, and one of its own.
                string[] ids = [$"own{writer}", .. Enumerable.Range(0, 5).Select(n => $"p{n}")];
                await store.UpsertAsync([.. ids.Select(id => Vectors.Entry(id, Vectors.Random(random, 12)))]);
                Assert.NotEmpty(await store.SearchAsync(Vectors.Random(random, 12), 3));
            }
        })));
        Assert.Equal(13, await store.CountAsync());
    }

    private static void AssertSame(ImageEntry expected, ImageEntry actual)
    {
        Assert.Equal((expected.Id, expected.Size, expected.Modified), (actual.Id, actual.Size, actual.Modified));
        Assert.Equal(expected.Metadata.OrderBy(pair => pair.Key), actual.Metadata.OrderBy(pair => pair.Key));
    }
}
