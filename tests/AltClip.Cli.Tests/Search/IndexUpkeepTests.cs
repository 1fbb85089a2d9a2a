using AltClip.Search.DuckDB;
using AltClip.Search.Tests;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class IndexUpkeepTests : PictureFolderTest
{
    [Fact]
    public async Task IndexedFoldersAreListedUpdatedAndForgotten()
    {
        Copy("guitar", "other/raw/guitar.png");
        Copy("volcano", "other/volcano.png");
        await LinesAsync("index", "pictures");
        await LinesAsync("index", "other", "--exclude", "raw");
        Assert.Equal(
            ["        1  other, without raw", "        4  pictures", "5 pictures of altclip-emoji in altclip.duckdb"], await LinesAsync("index", "--list"));

        Copy("guitar", "other/raw/again.png");
        Copy("cactus", "other/cactus.png");
        Assert.Contains("1 new, 0 changed, 5 unchanged, 0 removed", (await LinesAsync("index"))[0]);

        Directory.Move("pictures", "moved");
        var missing = await Cli.RunAsync("index", "pictures");
        Assert.Equal(ExitCode.Failed, missing.Code);
        Assert.Contains("altclip index --prune", missing.Errors);
        var listed = await Cli.RunAsync("index", "--list");
        Assert.Contains("        4  pictures (gone)", listed.Output);
        Assert.Contains("altclip index --prune", listed.Errors);
        Assert.Contains("stays in the index", (await Cli.RunAsync("index")).Errors);
        Assert.Equal(["gone: pictures", "4 pictures taken out of the index", "2 pictures of altclip-emoji in altclip.duckdb"], await LinesAsync("index", "--prune"));

        var json = (await Cli.RunAsync("index", "--remove", "other", "--json")).Done();
        Assert.Equal((2, 0), ((int)json["removed"]!, json["folders"]!.AsArray().Count));
        var none = await Cli.RunAsync("index", "--remove", "other");
        Assert.Equal(ExitCode.Failed, none.Code);
        Assert.Contains("index --list", none.Errors);
        Assert.True(File.Exists(At("other/volcano.png")));
    }

    [Fact]
    public async Task WhatAFolderIsNoLongerIndexedWithIsSaid()
    {
        await LinesAsync("index", "pictures", "--exclude", "penguin.png", "--include-hidden");
        Assert.DoesNotContain("was indexed with", (await Cli.RunAsync("index", "pictures", "--exclude", "penguin.png", "--include-hidden")).Errors);
        Assert.DoesNotContain("was indexed with", (await Cli.RunAsync("index")).Errors);
        var result = await Cli.RunAsync("index", "pictures");
        Assert.Contains("pictures was indexed with --exclude penguin.png --include-hidden, and is without now", result.Errors);
        Assert.Contains("1 new", result.Output);
    }

    [Theory]
    [InlineData("go without a FOLDER", "index", "pictures", "--list")]
    [InlineData("go without a FOLDER", "index", "--prune", "--export", "x.parquet")]
    [InlineData("no FOLDER to index", "index")]
    [InlineData("no FOLDER to index", "index", "--exclude", "x")]
    public async Task WrongUsageIsSaid(string message, params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains(message, result.Errors);
    }

    [Fact]
    public async Task TheModelIsRememberedWithItsAdapters()
    {
        var model = At("my-model");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(EmojiPipeline.ModelFolder)) File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        await LinesAsync("index", "pictures", "--model", "my-model");
        // From another folder, with no model given.
        Environment.CurrentDirectory = At("pictures");
        var found = await Cli.RunAsync("search", "pizza", "--paths", "-n", "1", "--store", "../altclip.duckdb");
        Assert.Equal((ExitCode.Done, "pizza.png", ""), (found.Code, found.Output.TrimEnd(), found.Errors));
        Assert.Contains("0 new", (await LinesAsync("index", ".", "--store", "../altclip.duckdb"))[0]);
        var other = await Cli.RunAsync("search", "pizza", "--model", EmojiPipeline.ModelFolder, "--store", "../altclip.duckdb");
        Assert.Equal(ExitCode.Failed, other.Code);
        Assert.Contains("has embeddings of my-model; found altclip-emoji", other.Errors);
        Directory.Delete(model, recursive: true);
        var gone = await Cli.RunAsync("search", "pizza", "--store", "../altclip.duckdb");
        Assert.Equal(ExitCode.Failed, gone.Code);
        Assert.Contains($"no folder '{model}'", gone.Errors);
        Assert.Contains("--model", gone.Errors);
    }

    [Fact]
    public async Task TheVariableNamesTheModelOfWhatIsNew()
    {
        Environment.SetEnvironmentVariable(ModelOption.Variable, TestData.Path("e2e"));
        try
        {
            await LinesAsync("index", "pictures");
            Assert.EndsWith("pictures of e2e in altclip.duckdb", (await LinesAsync("index", "--list"))[^1]);
            await LinesAsync("index", "pictures", "--model", EmojiPipeline.ModelFolder, "--store", "other.duckdb");
            // A store's own model goes before the variable.
            Assert.Equal(4, (await LinesAsync("search", "pizza", "--store", "other.duckdb", "--paths")).Length);
            Assert.Empty((await Cli.RunAsync("classify", At("pictures/pizza.png"), "--labels", "a", "b")).Errors);
        }
        finally
        {
            Environment.SetEnvironmentVariable(ModelOption.Variable, null);
        }
    }

    /// <summary>As they were before stores remembered where their model is.</summary>
    [Fact]
    public async Task AStoreThatKnowsOnlyAnUnknownNameAsksForTheModel()
    {
        await using (var store = await DuckDBImageStore.OpenAsync("old.duckdb", new("my-model", 192))) { }
        var result = await Cli.RunAsync("search", "pizza", "--store", "old.duckdb");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("has embeddings of my-model, and doesn't know where that is. Give it with --model", result.Errors);
    }

    [Fact]
    public async Task WhatTheDatabaseSaysIsExplained()
    {
        File.WriteAllBytes("altclip.duckdb", [.. Enumerable.Repeat((byte)'x', 9000)]);
        var other = await Cli.RunAsync("search", "pizza", "--store", "altclip.duckdb");
        Assert.Equal(ExitCode.Failed, other.Code);
        Assert.Contains("altclip.duckdb is another kind of file", other.Errors);
    }

    [Fact]
    public void ALockedStoreIsSaidToBeInUse()
    {
        var error = StoreErrors.Explain("my.duckdb", new FakeDbException("IO Error: Could not set lock on file \"/x/my.duckdb\": Conflicting lock is held in /usr/bin/dotnet (PID 4711). See also https://duckdb.org"));
        Assert.Equal("The store my.duckdb is in use by another program (process 4711); one that writes to it has it to itself.", error.Message);
        Assert.DoesNotContain("secret", StoreErrors.Explain("Host=db;Password=secret", new FakeDbException("no route\nmore")).Message);
    }

    private sealed class FakeDbException(string message) : System.Data.Common.DbException(message);
}
