using System.Text.Json.Nodes;
using AltClip.Search.DuckDB;
using AltClip.Search.Tests;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class IndexAndSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Pictures => _folder.File("pictures");

    private string Store => _folder.File("store.duckdb");

    [Fact]
    public async Task IndexedPicturesAreFoundByTextAndByPicture()
    {
        CopyPictures();
        var (code, output, errors) = await RunAsync("index", Pictures, "--store", Store, "--json");
        Assert.True(code == ExitCode.Done, errors);
        var summary = JsonNode.Parse(output)!;
        Assert.Equal((8, 8, 0), ((int)summary["pictures"]!, (int)summary["added"]!, summary["failed"]!.AsArray().Count));

        (code, output, errors) = await RunAsync("search", "火箭", "--store", Store, "--top", "3", "--json");
        Assert.True(code == ExitCode.Done, errors);
        var found = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(3, found.Count);
        Assert.Equal(Path.Combine(Pictures, "rocket.png").Replace('\\', '/'), (string)found[0]!["picture"]!);

        (code, output, _) = await RunAsync("search", "--image", EmojiPipeline.Picture("pizza"), "-s", Store, "-n", "1");
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("pizza.png", output);
        Assert.Contains("1.000", output);
    }

    [Fact]
    public async Task AgainOnlyChangesAreDoneAndBadPicturesNamed()
    {
        CopyPictures();
        await RunAsync("index", Pictures, "--store", Store);
        File.Delete(Path.Combine(Pictures, "pizza.png"));
        File.WriteAllText(Path.Combine(Pictures, "bad.jpg"), "no picture");
        var (code, output, errors) = await RunAsync("index", Pictures, "--store", Store);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains("0 new, 0 changed, 7 unchanged, 1 removed, 1 unreadable", output);
        Assert.Contains("bad.jpg", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task AFolderThatBecameEmptyIsForgottenOnlyWhereThatIsAllowed()
    {
        CopyPictures();
        await RunAsync("index", Pictures, "--store", Store);
        foreach (var file in Directory.GetFiles(Pictures)) File.Delete(file);
        var (code, output, errors) = await RunAsync("index", Pictures, "--store", Store);
        Assert.Equal((ExitCode.WrongUsage, ""), (code, output));
        Assert.Contains($"{Pictures} has no pictures, but the store has 8 of it", errors);
        Assert.Contains("--allow-empty", errors);
        Assert.Contains("penguin.png", (await RunAsync("search", "penguin", "--store", Store)).Output);
        (code, output, errors) = await RunAsync("index", Pictures, "--store", Store, "--allow-empty");
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("8 removed", output);
    }

    [Fact]
    public async Task ParquetGoesOutAndIn()
    {
        CopyPictures();
        var parquet = _folder.File("all.parquet");
        var (code, output, errors) = await RunAsync("index", Pictures, "--store", Store, "--export", parquet);
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("8 exported", output);
        (code, output, errors) = await RunAsync("index", "--import", parquet, "--store", _folder.File("other.duckdb"));
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("8 imported, 0 of them in place", output);
        (_, output, _) = await RunAsync("search", "penguin", "--store", _folder.File("other.duckdb"), "--top", "1");
        Assert.Contains("penguin.png", output);
    }

    [Fact]
    public async Task WhatEmbedWroteIsImported()
    {
        CopyPictures();
        Assert.Equal(ExitCode.Done, (await RunAsync("embed", Pictures, "--output", _folder.File("vectors"))).Code);
        var (code, output, errors) = await RunAsync("index", "--import", _folder.File("vectors/**/*.parquet"), "--store", Store);
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("8 imported", output);
    }

    [Fact]
    public async Task FoldersOfOneNameAreImportedWhole()
    {
        CopyPictures();
        var other = _folder.File("other/pictures");
        Directory.CreateDirectory(other);
        foreach (var file in Directory.GetFiles(Pictures)) File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        Assert.Equal(ExitCode.Done, (await RunAsync("embed", Pictures, other, "--output", _folder.File("vectors"))).Code);
        var (code, output, errors) = await RunAsync("index", "--import", _folder.File("vectors/**/*.parquet"), "--store", Store);
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("16 imported, 0 of them in place", output);
    }

    [Fact]
    public async Task AnImportSaysWhatItReplacesAndLeavesOut()
    {
        CopyPictures();
        foreach (var name in new[] { "one", "two" }) await RunAsync("embed", Pictures, "--output", _folder.File(name));
        var (code, output, errors) = await RunAsync("index", "--import", _folder.File("one/**/*.parquet"), "--store", Store);
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("8 imported, 0 of them in place", output);
        File.Delete(Path.Combine(Pictures, "pizza.png"));
        (code, output, errors) = await RunAsync("index", "--import", _folder.File("*/*/*/*.parquet"), "--store", Store);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains("8 imported, 8 of them in place of pictures of the same id", output);
        Assert.Contains("8 rows of the imported files are left out, as one before them has their id: cactus.png, dog-face.png, ", errors);
        (_, output, _) = await RunAsync("index", "--import", _folder.File("*/*/*/*.parquet"), "--store", Store, "--json");
        var summary = JsonNode.Parse(output)!;
        Assert.Equal((8, 8, 8), ((int)summary["imported"]!, (int)summary["replaced"]!, (int)summary["duplicates"]!));
        Assert.Equal("volcano.png", (string)summary["duplicate_ids"]![7]!);
    }

    [Fact]
    public async Task EmptyStoreIsSaidToBeEmpty()
    {
        Directory.CreateDirectory(Pictures);
        await RunAsync("index", Pictures, "--store", Store);
        var (code, output, errors) = await RunAsync("search", "penguin", "--store", Store);
        Assert.Equal(ExitCode.Done, code);
        Assert.Empty(output.Trim());
        Assert.Contains("no pictures", errors);
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "no FOLDER", "index")]
    [InlineData(ExitCode.Failed, "no folder", "index", "nowhere")]
    [InlineData(ExitCode.WrongUsage, "no QUERY", "search")]
    [InlineData(ExitCode.WrongUsage, "--top is 0", "search", "a", "--top", "0")]
    [InlineData(ExitCode.Failed, "no picture nowhere.jpg", "search", "--image", "nowhere.jpg")]
    [InlineData(ExitCode.Failed, "To make it: altclip index FOLDER", "search", "a")]
    public async Task WhatIsWrongIsNamed(object exitCode, string expected, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync([.. arguments, "--store", Store]);
        Assert.Equal((ExitCode)exitCode, code);
        Assert.Contains(expected, errors);
        Assert.DoesNotContain("   at ", output + errors);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task AnotherModelIsRefused()
    {
        await using (await DuckDBImageStore.OpenAsync(Store, new("BAAI/AltCLIP", 768))) { }
        CopyPictures();
        foreach (var command in new[] { new[] { "search", "a" }, ["index", Pictures] })
        {
            var (code, _, errors) = await RunAsync([.. command, "--store", Store, "--model", EmojiPipeline.ModelFolder]);
            Assert.Equal(ExitCode.Failed, code);
            Assert.Contains("has embeddings of BAAI/AltCLIP; found altclip-emoji", errors);
            Assert.DoesNotContain("   at ", errors);
        }
    }

    private void CopyPictures()
    {
        Directory.CreateDirectory(Pictures);
        foreach (var file in Directory.EnumerateFiles(EmojiPipeline.PictureFolder, "*.png")) File.Copy(file, Path.Combine(Pictures, Path.GetFileName(file)));
    }

    private static async Task<(ExitCode Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new CliConsole(output, errors));
        return (code, output.ToString(), errors.ToString());
    }
}
