using AltClip.Search.DuckDB;
using AltClip.Search.Extensions;
using AltClip.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>The search in an app with dependency injection.</summary>
public sealed class ServiceCollectionTests : IDisposable
{
    private static readonly ImageStores Stores = new ImageStores().AddDuckDB();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ASearchWithoutAModelIsRefused()
    {
        using var host = Host(services => services.AddAltClipSearch(Stores, _folder.File("photos.duckdb")));
        Assert.Contains("AddAltClip(", (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync())).Message);
    }

    [Fact]
    public async Task TheStoreIsOpenWhenTheHostHasStartedAndClosedWithIt()
    {
        var file = _folder.File("photos.duckdb");
        using (var host = Host(services => services.AddAltClip(EmojiPipeline.ModelFolder).AddAltClipSearch(Stores, file)))
        {
            await host.StartAsync();
            Assert.True(File.Exists(file));
            var search = host.Services.GetRequiredService<AltClipSearchProvider>();
            var report = await (await search.GetIndexerAsync()).IndexAsync(TestData.Path("emoji"));
            Assert.Empty(report.Failures);
            var found = await (await search.GetSearcherAsync()).SearchAsync("pizza", top: 1);
            Assert.EndsWith("pizza.png", found[0].Image.Id);
            await host.StopAsync();
        }
        // DuckDB gives a file to one writer at a time.
        using var again = Host(services => services.AddAltClip(EmojiPipeline.ModelFolder).AddAltClipSearch(Stores, options => (options.Store, options.OpenOnStart) = (file, false)));
        await again.StartAsync();
        Assert.True(await (await again.Services.GetRequiredService<AltClipSearchProvider>().GetSearcherAsync()).Store.CountAsync() > 0);
        await again.StopAsync();
    }

    [Fact]
    public async Task EachModelHasItsStore()
    {
        using var host = Host(services => services
            .AddAltClip("a", options => (options.Model, options.ModelId) = (EmojiPipeline.ModelFolder, "first"))
            .AddAltClip("b", options => (options.Model, options.ModelId) = (EmojiPipeline.ModelFolder, "second"))
            .AddAltClipSearch(Stores, _folder.File("a.duckdb"), "a")
            .AddAltClipSearch(Stores, _folder.File("b.duckdb"), "b"));
        await host.StartAsync();
        var models = new[] { "a", "b" }.Select(async name =>
            (await host.Services.GetRequiredKeyedService<AltClipSearchProvider>(name).GetSearcherAsync()).Store.Model.Id);
        Assert.Equal(["first", "second"], await Task.WhenAll(models));
        await host.StopAsync();
    }

    [Fact]
    public async Task AStoreOfAnotherModelStopsTheStart()
    {
        var file = _folder.File("photos.duckdb");
        await using (await DuckDBImageStore.OpenAsync(file, new EmbeddingModel("other", 3))) { }
        using var host = Host(services => services.AddAltClip(EmojiPipeline.ModelFolder).AddAltClipSearch(Stores, file));
        await Assert.ThrowsAsync<ModelMismatchException>(() => host.StartAsync());
    }

    [Fact]
    public async Task AfterAFailureTheNextCallTriesAgain()
    {
        var file = _folder.File("photos.duckdb");
        await using var services = new ServiceCollection().AddAltClip(EmojiPipeline.ModelFolder)
            .AddAltClipSearch(Stores, options => (options.Store, options.ReadOnly) = (file, true)).BuildServiceProvider();
        var search = services.GetRequiredService<AltClipSearchProvider>();
        await Assert.ThrowsAsync<ImageStoreNotFoundException>(() => search.GetSearcherAsync());
        var pipeline = await services.GetRequiredService<AltClip.Extensions.AltClipPipelineProvider>().GetPipelineAsync();
        await using (await DuckDBImageStore.OpenAsync(file, EmbeddingModel.Of(pipeline, EmojiPipeline.ModelFolder))) { }
        Assert.NotNull(await search.GetSearcherAsync());
        await search.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => search.GetSearcherAsync());
    }

    [Fact]
    public async Task AMissingStoreIsNamedWhenTheHostStarts()
    {
        using var host = Host(services => services.AddAltClip(EmojiPipeline.ModelFolder).AddAltClipSearch(Stores, ""));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith("AltClip.Search: Store is missing; expected ", error.Message);
    }

    private static IHost Host(Action<IServiceCollection> add)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        add(builder.Services);
        return builder.Build();
    }
}
