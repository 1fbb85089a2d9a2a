using System.Diagnostics;
using AltClip.Search.DuckDB;
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
        await using (await DuckDBImageStore.OpenAsync(folder.File("a.duckdb"), new("BAAI/AltCLIP", 768))) { }
        await using var app = ImageSearchApp.Build(["--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0"]);
        Assert.Contains("BAAI/AltCLIP", (await Assert.ThrowsAsync<ModelMismatchException>(() => app.StartAsync())).Message);
    }

    /// <summary>The host gives up starting then, and what libtorch computes must have ended when the process does.</summary>
    [Fact(Timeout = 120_000)]
    public async Task ItMayBeStoppedWhileTheModelIsLoaded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal for another process.");
        using var folder = new TemporaryFolder();
        var arguments = new[] { typeof(ImageSearchApp).Assembly.Location, "--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0" };
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill());
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Loading altclip-emoji"))
        {
        }
        Process.Start("kill", ["-TERM", process.Id.ToString()]).Dispose();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((0, ""), (process.ExitCode, await errors));
    }

    [Theory]
    [InlineData("--help", 0, "--allow-empty")]
    [InlineData("--foldr=x", 1, "no option --foldr")]
    [InlineData("pictures", 1, "no option pictures")]
    [InlineData("--store", 1, "--store has no value")]
    [InlineData("--urls=nonsense", 1, "--urls is 'nonsense'; expected an address")]
    public async Task HelpAndMistakesStartNoServer(string argument, int code, string expected)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(ImageSearchApp).Assembly.Location, argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(code, process.ExitCode);
        Assert.Contains(expected, code == 0 ? await output : await errors);
        Assert.Empty(code == 0 ? await errors : await output);
    }

    [Fact]
    public void SettingsWithoutAShortFormMayBeTyped()
    {
        var settings = Arguments.Read(["--ImageSearch:MaxPixels", "1000", "--folder=a=b", "--allow-empty", "--hosts", "*"]);
        Assert.Equal(("1000", "a=b", "true", "*"), (settings["ImageSearch:MaxPixels"], settings["ImageSearch:Folder"], settings["ImageSearch:AllowEmpty"], settings["AllowedHosts"]));
    }

    [Fact]
    public void TheDefaultsAreThisRepositorys()
    {
        var (folder, model, store) = new ImageSearchOptions().Resolve();
        Assert.Equal((EmojiPipeline.PictureFolder, EmojiPipeline.ModelFolder), (Path.GetFullPath(folder), Path.GetFullPath(model)));
        Assert.EndsWith("pictures-altclip-emoji.duckdb", store);
    }
}
