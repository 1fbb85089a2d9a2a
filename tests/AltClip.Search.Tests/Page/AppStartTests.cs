using AltClip.Tests;
using ImageSearch;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class AppStartTests
{
    [Fact]
    public async Task AFolderThatDoesntExistIsNamed()
    {
        using var folder = new TemporaryFolder();
        await using var app = ImageSearchApp.Build(["--folder", folder.File("none"), "--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0"]);
        Assert.Contains("none", (await Assert.ThrowsAsync<DirectoryNotFoundException>(() => app.StartAsync())).Message);
    }

    [Fact]
    public async Task AStoreOfAnotherModelIsRefused()
    {
        using var folder = new TemporaryFolder();
        await using (await ImageStore.OpenAsync(folder.File("a.duckdb"), new("BAAI/AltCLIP", 768))) { }
        await using var app = ImageSearchApp.Build(["--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0"]);
        Assert.Contains("BAAI/AltCLIP", (await Assert.ThrowsAsync<ModelMismatchException>(() => app.StartAsync())).Message);
    }

    [Fact]
    public void TheDefaultsAreThisRepositorys()
    {
        var (folder, model, store) = new ImageSearchOptions().Resolve();
        Assert.Equal((EmojiPipeline.PictureFolder, EmojiPipeline.ModelFolder), (Path.GetFullPath(folder), Path.GetFullPath(model)));
        Assert.EndsWith("pictures-altclip-emoji.duckdb", store);
    }
}
