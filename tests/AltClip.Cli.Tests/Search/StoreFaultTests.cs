using System.Diagnostics;
using AltClip.Search.DuckDB;
using DuckDB.NET.Data;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What a store's file, and those that go in and out of it, may be instead.</summary>
public sealed class StoreFaultTests : PictureFolderTest
{
    [Fact]
    public async Task APipeIsNeitherAStoreNorATarget()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there it is known what is a pipe.");
        using (var made = Process.Start("mkfifo", At("pipe"))) made.WaitForExit();
        foreach (var arguments in new string[][] { ["index", "pictures", "--store", "pipe"], ["index", "pictures", "--export", "pipe"], ["search", "a", "--store", "pipe"] })
        {
            var result = await Cli.RunAsync(arguments);
            Assert.Equal(ExitCode.Failed, result.Code);
            Assert.Contains($"{At("pipe")} is a pipe, a device or a socket; expected a file.", result.Errors);
        }
        Assert.Equal(["pictures", "pipe"], Directory.GetFileSystemEntries(Here).Select(Path.GetFileName).Order());
        Assert.True(new FileInfo("pipe") is { Exists: true, Length: 0 });
    }

    [Fact]
    public async Task ALinkIsExportedThrough()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Directory.CreateDirectory("elsewhere");
        File.WriteAllText("elsewhere/all.parquet", "old");
        File.CreateSymbolicLink("link.parquet", "elsewhere/all.parquet");
        await LinesAsync("index", "pictures", "--export", "link.parquet");
        Assert.Equal("elsewhere/all.parquet", new FileInfo("link.parquet").LinkTarget);
        Assert.InRange(new FileInfo("elsewhere/all.parquet").Length, 1000, long.MaxValue);
    }

    [Theory]
    [InlineData("is a folder; expected a file", "index", "pictures", "--store", "pictures")]
    [InlineData("is a folder; expected a file", "index", "pictures", "--export", "pictures")]
    [InlineData("is a folder; expected Parquet files", "index", "--import", "pictures")]
    [InlineData("penguin.png is no Parquet file", "index", "--import", "pictures/penguin.png")]
    [InlineData("cut.parquet is no whole Parquet file", "index", "--import", "cut.parquet")]
    [InlineData("There is no file nothere/*.parquet.", "index", "--import", "nothere/*.parquet")]
    public async Task WhatIsNoStoreAndNoParquetIsNamed(string message, params string[] arguments)
    {
        File.WriteAllText(At("cut.parquet"), "PAR1 and no end");
        var result = await Cli.RunAsync(arguments);
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains(message, result.Errors);
    }

    [Fact]
    public void WhatMayNotBeOpenedIsSaidInTheToolsWords()
    {
        var error = Assert.ThrowsAny<Exception>(() => { using var connection = new DuckDBConnection($"Data Source={At("no/such.duckdb")}"); connection.Open(); });
        var explained = StoreErrors.Explain("no/such.duckdb", (System.Data.Common.DbException)error).Message;
        Assert.StartsWith("The store no/such.duckdb can't be opened: Cannot open file", explained);
    }

    /// <summary>As processes leave it that are ended just after they made the file, the tables, or before the first folder.</summary>
    [Theory]
    [InlineData("file")]
    [InlineData("database")]
    [InlineData("tables")]
    public async Task AStoreThatWasOnlyBegunIsGoneOnWith(string begun)
    {
        if (begun == "file") File.WriteAllText(At("altclip.duckdb"), "");
        else if (begun == "tables") await using (await DuckDBImageStore.OpenAsync(At("altclip.duckdb"), new("altclip-emoji", 192))) { }
        else using (var connection = new DuckDBConnection($"Data Source={At("altclip.duckdb")}")) connection.Open();
        var named = await Cli.RunAsync("search", "pizza", "--store", "altclip.duckdb");
        Assert.Equal((ExitCode.Failed, ""), (named.Code, named.Output));
        Assert.Contains("altclip index FOLDER", named.Errors);
        Assert.DoesNotContain("table", named.Errors);
        Assert.Equal(Path.Combine("pictures", "pizza.png"), (await LinesAsync("search", "pizza", "--paths"))[0]);
    }

    [Fact]
    public async Task PicturesThatAreGoneAreNotFound()
    {
        Copy("volcano", "others/volcano.png");
        await LinesAsync("index", "pictures", "others");
        Directory.Move("pictures", "moved");
        var found = await Cli.RunAsync("search", "penguin", "--paths");
        Assert.Equal((ExitCode.Done, Path.Combine("others", "volcano.png")), (found.Code, found.Output.TrimEnd()));
        Assert.Contains("not there any more", found.Errors);
        Assert.Contains(Path.Combine("pictures", "penguin.png"), found.Errors);
        Assert.Contains("altclip index --prune", found.Errors);
    }

    [Fact]
    public async Task SeveralFilesToImportAreOnePattern()
    {
        await LinesAsync("index", "pictures", "--export", "a.parquet");
        var result = await Cli.RunAsync("index", "--import", "a.parquet", "a.parquet");
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains("--import \"*.parquet\"", result.Errors);
        var typo = await Cli.RunAsync("index", "typo");
        Assert.Contains($"There is no folder {At("typo")}.", typo.Errors);
        Assert.DoesNotContain("--prune", typo.Errors);
    }

    [Fact]
    public async Task ImportedPicturesCanBeTakenOut()
    {
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("embed", "pictures", "--output", "vectors")).Code);
        await LinesAsync("index", "--import", "vectors/**/*.parquet");
        Assert.Equal("1 picture taken out of the index", (await LinesAsync("index", "--remove", "penguin.png"))[0]);
        Assert.Equal("3 pictures taken out of the index", (await LinesAsync("index", "--remove", "."))[0]);
    }

    [Fact]
    public async Task FoldersThatAreGivenTwiceCountOnce()
    {
        Copy("volcano", "pictures/below/volcano.png");
        Copy("guitar", "pictures/.hidden/guitar.png");
        var lines = await LinesAsync("index", "pictures", "pictures/", "pictures/below", "pictures/.hidden");
        Assert.Equal(["6 new, 0 changed, 0 unchanged, 0 removed, 0 unreadable", "6 pictures in altclip.duckdb"], lines);
    }

    [Fact]
    public async Task WhereNothingCanBeSortedToItFailsOnce()
    {
        File.WriteAllText(EmojiTarget("penguin"), "");
        var result = await Cli.RunAsync("sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted", "--copy");
        Assert.Equal((ExitCode.Failed, ""), (result.Code, result.Output));
        Assert.Single(result.Errors.Split('\n'), line => line.StartsWith("altclip: ", StringComparison.Ordinal));
        Assert.Contains($"{At("sorted/penguin")} can't be written to; expected a folder", result.Errors);
        Assert.Empty(Directory.GetFiles("sorted", "*.png", SearchOption.AllDirectories));
        var label = await Cli.RunAsync("sort", "pictures", "--labels", new string('x', 300), "pizza", "--into", "sorted", "--copy");
        Assert.Equal(ExitCode.Failed, label.Code);
        Assert.Contains("is too long for a folder's name: 300 bytes; expected at most 255", label.Errors);
    }

    private static string EmojiTarget(string label) => Path.Combine(Directory.CreateDirectory(At("sorted")).FullName, label);
}
