using System.Numerics.Tensors;
using AltClip.Search.DuckDB;
using AltClip.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using TorchSharp;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class ImageSearcherTests(EmojiPipeline emoji) : IClassFixture<EmojiPipeline>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IImageStore _store = null!;
    private ImageSearcher _searcher = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), emoji.Model);
        await new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = EmojiPipeline.PictureFolder }).IndexAsync(EmojiPipeline.PictureFolder);
        _searcher = new ImageSearcher(_store, emoji.Pipeline);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("a penguin", "penguin.png")]
    [InlineData("火箭", "rocket.png")]
    [InlineData("tête de chien", "dog-face.png")]
    [InlineData("ピザ", "pizza.png")]
    public async Task TextsInAnyLanguageFindTheirPicture(string text, string expected)
    {
        var matches = await _searcher.SearchAsync(text, 3);
        Assert.Equal(expected, matches[0].Image.Id);
        Assert.Equal(3, matches.Count);
        var image = ImageSource.FromFile(Path.Combine(EmojiPipeline.PictureFolder, expected));
        Assert.Equal(emoji.Pipeline.Similarity([text], [image])[0, 0], matches[0].Score, 1e-4f);
    }

    [Fact]
    public async Task APictureFindsItself()
    {
        var matches = await _searcher.SearchAsync(ImageSource.FromFile(EmojiPipeline.Picture("cactus")), 20);
        Assert.Equal("cactus.png", matches[0].Image.Id);
        Assert.Equal(1, matches[0].Score, 1e-4f);
        Assert.Equal(8, matches.Count);
    }

    [Fact]
    public async Task AQueryIsTheWeightedSumOfItsParts()
    {
        float[] penguin = [.. (await emoji.Pipeline.EncodeTextAsync(["penguin"]))[0]], rocket = [.. (await emoji.Pipeline.EncodeTextAsync(["rocket"]))[0]];
        var pizza = (await _store.GetAsync("pizza.png"))!.Embedding.ToArray();
        var query = SearchQuery.Parse("2:penguin", "-", ".5:rocket", "+", EmojiPipeline.Picture("pizza"));
        float[] expected = [.. penguin.Select((value, i) => 2 * value - 0.5f * rocket[i] + pizza[i])];
        var found = await _searcher.EmbedAsync(query);
        Assert.Equal(1, TensorPrimitives.Norm(found.Span), 1e-5f);
        Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(expected, found.Span), 1e-5f);
        var all = await _store.ListWithEmbeddingsAsync().ToListAsync();
        Vectors.AssertSame(Vectors.Nearest(all, expected, 5), await _searcher.SearchAsync(query, new() { Top = 5 }));
    }

    [Fact]
    public async Task WhatIsTakenAwayComesLater()
    {
        var both = await _searcher.SearchAsync(SearchQuery.Parse("penguin", "+", "rocket"));
        Assert.Equal(["penguin.png", "rocket.png"], both.Take(2).Select(match => match.Image.Id).Order());
        Assert.Equal("rocket.png", (await _searcher.SearchAsync(SearchQuery.Parse("2:rocket", "+", "penguin", "-", EmojiPipeline.Picture("penguin"))))[0].Image.Id);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _searcher.SearchAsync(SearchQuery.Parse("penguin", "-", "penguin")));
        Assert.Contains("cancel each other: penguin - penguin", error.Message);
    }

    [Fact]
    public async Task ScoresAndIdsChooseAmongWhatIsFound()
    {
        var query = new SearchQuery(SearchTerm.FromText("pizza"));
        var all = await _searcher.SearchAsync(query, new() { Top = 8 });
        Assert.Equal(8, all.Count);
        await AssertFoundAsync(all.Take(3), new() { Top = 8, MinScore = all[2].Score - 1e-6 });
        await AssertFoundAsync(all.Take(2), new() { Top = 2, MinScore = all[2].Score });
        await AssertFoundAsync([], new() { MinScore = 1 });
        var withO = all.Where(match => match.Image.Id.Contains('o')).ToList();
        await AssertFoundAsync(withO.Take(2), new() { Top = 2, Includes = id => id.Contains('o') });
        await AssertFoundAsync(withO, new() { Top = 100, Includes = id => id.Contains('o') });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SearchOptions { Top = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SearchOptions { MinScore = double.NaN });

        async Task AssertFoundAsync(IEnumerable<ImageMatch> expected, SearchOptions options) => Assert.Equal(
            expected.Select(match => (match.Image.Id, match.Score)),
            (await _searcher.SearchAsync(query, options)).Select(match => (match.Image.Id, match.Score)));
    }

    /// <summary>However far behind they stand: a store is asked for more until there are enough.</summary>
    [Fact]
    public async Task TheIncludedAreFoundAmongMany()
    {
        var random = new Random(3);
        var entries = Enumerable.Range(0, 2000).Select(i => Vectors.Entry($"p{i}", Vectors.Random(random, 192))).ToList();
        await _store.UpsertAsync(entries);
        var query = new SearchQuery(SearchTerm.FromText("pizza"));
        var vector = (await _searcher.EmbedAsync(query)).ToArray();
        var expected = Vectors.Nearest(entries.Where(entry => entry.Id.EndsWith("77", StringComparison.Ordinal)), vector, 15);
        Assert.Equal(15, expected.Length);
        Vectors.AssertSame(expected, await _searcher.SearchAsync(query, new() { Top = 15, Includes = id => id.EndsWith("77", StringComparison.Ordinal) }));
    }

    [Fact]
    public async Task BadQueriesAreRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _searcher.SearchAsync(" "));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _searcher.SearchAsync("x", 0));
        await Assert.ThrowsAsync<ImageException>(() => _searcher.SearchAsync(ImageSource.FromBytes(new byte[9], "nine")));
        Assert.Throws<ArgumentNullException>(() => new ImageSearcher(null!, emoji.Pipeline));
    }

    [Fact]
    public async Task NoTensorStays()
    {
        var before = LiveTensors.Count();
        await _searcher.SearchAsync("pizza");
        await _searcher.SearchAsync(ImageSource.FromFile(EmojiPipeline.Picture("pizza")));
        await _searcher.SearchAsync(SearchQuery.Parse("pizza", "-", EmojiPipeline.Picture("rocket")));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public async Task ACollectionIsSearchedByWhateverComes()
    {
        using var collection = new ImageCollection(_searcher);
        IVectorSearchable<ImageEntry> searchable = collection;
        var vector = (await _store.GetAsync("pizza.png"))!.Embedding;
        object[] queries =
        [
            "pizza", ImageSource.FromFile(EmojiPipeline.Picture("pizza")), new DataContent(File.ReadAllBytes(EmojiPipeline.Picture("pizza")), "image/png"),
            vector, vector.ToArray(), new Embedding<float>(vector),
        ];
        foreach (var query in queries) Assert.Equal("pizza.png", (await searchable.SearchAsync(query, 1).SingleAsync()).Record.Id);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await searchable.SearchAsync(3, 1).ToListAsync());
        await Assert.ThrowsAsync<NotSupportedException>(async () => await new ImageCollection(_store).SearchAsync("pizza", 1).ToListAsync());
    }

    [Fact]
    public async Task ACollectionsSearchFiltersSkipsAndCutsOff()
    {
        using var collection = new ImageCollection(_searcher);
        var all = await collection.SearchAsync("pizza", 8).ToListAsync();
        Assert.Equal(all.Skip(2).Take(3).Select(result => result.Record.Id), await Ids(3, new() { Skip = 2 }));
        var withO = all.Where(result => result.Record.Id.Contains('o')).Take(2).Select(result => result.Record.Id);
        Assert.Equal(withO, await Ids(2, new() { Filter = image => image.Id.Contains('o') }));
        Assert.Equal(all.Take(2).Select(result => result.Record.Id), await Ids(8, new() { ScoreThreshold = all[1].Score - 1e-6 }));
        Assert.True((await collection.SearchAsync("pizza", 1).SingleAsync()).Record.Embedding.IsEmpty);
        Assert.Equal(192, (await collection.SearchAsync("pizza", 1, new() { IncludeVectors = true }).SingleAsync()).Record.Embedding.Length);

        async Task<List<string>> Ids(int top, VectorSearchOptions<ImageEntry> options) =>
            await collection.SearchAsync("pizza", top, options).Select(result => result.Record.Id).ToListAsync();
    }

    [Fact]
    public async Task ACollectionIsReadAndWrittenAsOthersAre()
    {
        using var collection = new ImageCollection(_store);
        Assert.True(await collection.CollectionExistsAsync());
        await collection.UpsertAsync(Vectors.Entry("new", Vectors.Random(new Random(1), 192)) with { Size = 7 });
        Assert.True((await collection.GetAsync("new"))!.Embedding.IsEmpty);
        Assert.Equal(192, (await collection.GetAsync("new", new() { IncludeVectors = true }))!.Embedding.Length);
        FilteredRecordRetrievalOptions<ImageEntry> backwards = new() { Skip = 1, OrderBy = order => order.Descending(image => image.Id) };
        var byName = await collection.GetAsync(image => image.Size != 7, 3, backwards).ToListAsync();
        Assert.Equal(["rocket.png", "red-apple.png", "pizza.png"], byName.Select(image => image.Id));
        await collection.DeleteAsync("new");
        Assert.Null(await collection.GetAsync("new"));
        Assert.Equal("duckdb", ((VectorStoreCollectionMetadata)collection.GetService(typeof(VectorStoreCollectionMetadata))!).VectorStoreSystemName);
        Assert.Same(_store, collection.GetService(typeof(DuckDBImageStore)));
        await Assert.ThrowsAsync<NotSupportedException>(() => collection.EnsureCollectionDeletedAsync());
    }
}
