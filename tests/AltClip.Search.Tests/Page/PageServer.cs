using AltClip.Tests;
using ImageSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>samples/ImageSearch over a folder of its own: the emoji, one with a name that is no HTML, a broken one and a text.</summary>
public sealed class PageServer : IAsyncLifetime
{
    /// <summary>A name that does harm where it is taken for HTML or for a part of an address.</summary>
    public const string OddName = "<b onclick='x'>&amp; 企鹅 %2e%2e #1?.png";

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _storeFolder = new();
    private WebApplication _app = null!;

    public Uri Url { get; private set; } = null!;

    public string Folder => _folder.Path;

    public HttpClient Client { get; private set; } = null!;

    public IImageStore Store => _app.Services.GetRequiredService<PictureIndex>().Searcher.Store;

    public async ValueTask InitializeAsync()
    {
        foreach (var file in Directory.EnumerateFiles(EmojiPipeline.PictureFolder, "*.png")) File.Copy(file, _folder.File(Path.GetFileName(file)));
        Directory.CreateDirectory(_folder.File("more"));
        File.Copy(EmojiPipeline.Picture("penguin"), _folder.File(Path.Combine("more", OddName)));
        _folder.Write("broken.png", [1, 2, 3]);
        _folder.Write("secret.txt", "secret"u8.ToArray());
        _app = ImageSearchApp.Build(["--folder", Folder, "--store", _storeFolder.File("store.duckdb"), "--urls", "http://127.0.0.1:0"]);
        await _app.StartAsync();
        Url = new Uri(_app.Urls.First());
        Client = new HttpClient { BaseAddress = Url };
        var index = _app.Services.GetRequiredService<PictureIndex>();
        await index.ExecuteTask!;
        Assert.Equal(new IndexState(IsIndexing: false, Done: 10, Total: 10, Failed: 1, Error: null), index.State);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
        _storeFolder.Dispose();
    }
}
