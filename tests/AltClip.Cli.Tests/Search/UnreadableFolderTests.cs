using System.Diagnostics;
using AltClip.Search.DuckDB;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Names that are no UTF-8, by which .NET reads nothing: what else can't be read, root reads.</summary>
public sealed class UnreadableFolderTests : PictureFolderTest
{
    protected override void Dispose(bool disposing)
    {
        // .NET can't delete them.
        if (!OperatingSystem.IsWindows()) Shell("rm -r pictures");
        base.Dispose(disposing);
    }

    [Fact]
    public async Task WhatCantBeReadIsNamedAndTheOthersGoOn()
    {
        MakeUnreadable();
        foreach (var command in new string[][] { ["index", "pictures"], ["sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted", "--copy"] })
        {
            var result = await Cli.RunAsync(command);
            Assert.Equal(ExitCode.SomeFailed, result.Code);
            Assert.Contains("4", result.Output);
            Assert.Contains($"altclip: {Path.Combine("pictures", "bad\uFFFD.png")} can't be read: its name isn't UTF-8", result.Errors);
            Assert.Contains($"altclip: {Path.Combine("pictures", "folder\uFFFD")} can't be read: its name isn't UTF-8", result.Errors);
            Assert.DoesNotContain("notes", result.Errors);
        }
        var found = await Cli.RunAsync("search", "pizza", "--paths", "-n", "1");
        Assert.Equal((ExitCode.Done, Path.Combine("pictures", "pizza.png")), (found.Code, found.Output.TrimEnd()));
        Assert.Contains($"left out: {Path.Combine("pictures", "bad\uFFFD.png")}, {Path.Combine("pictures", "folder\uFFFD")}; altclip index says why", found.Errors);
        Assert.Contains("4 pictures", (await Cli.RunAsync("duplicates")).Output);
    }

    [Fact]
    public async Task WithoutAnIndexOneIsMade()
    {
        MakeUnreadable();
        var found = await Cli.RunAsync("search", "pizza", "--paths", "-n", "1");
        Assert.Equal((ExitCode.Done, Path.Combine("pictures", "pizza.png")), (found.Code, found.Output.TrimEnd()));
        Assert.Contains("folder\uFFFD", found.Errors);
        Shell("rm pictures/*.png altclip.duckdb");
        var none = await Cli.RunAsync("search", "pizza");
        Assert.Equal(ExitCode.Failed, none.Code);
        Assert.Contains("folder\uFFFD", none.Errors);
        Assert.False(File.Exists("altclip.duckdb"));
    }

    [Fact]
    public async Task WhatTheStoreHasFromThereStaysInIt()
    {
        await LinesAsync("index", "pictures");
        var unseen = At("pictures/folder\uFFFD/unseen.png");
        await using (var store = await DuckDBImageStore.OpenAsync(At("altclip.duckdb")))
        {
            var pizza = (await store.GetAsync(At("pictures/pizza.png")))!;
            await store.UpsertAsync([pizza with { Id = unseen }]);
        }
        MakeUnreadable();
        Assert.Equal(ExitCode.SomeFailed, (await Cli.RunAsync("index")).Code);
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("search", "pizza")).Code);
        // Also where nothing else is left: that the folder is empty is not known.
        Shell("rm pictures/*.png");
        var result = await Cli.RunAsync("index");
        Assert.Contains("0 unchanged, 4 removed", result.Output);
        await using var read = await DuckDBImageStore.OpenAsync(At("altclip.duckdb"), options: new() { ReadOnly = true });
        Assert.NotNull(await read.GetAsync(unseen));
    }

    private static void MakeUnreadable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS(), "Every name is Unicode there.");
        Shell("""
            n=$(printf '\377'); mkdir "pictures/folder$n"; cp pictures/pizza.png "pictures/folder$n"; cp pictures/pizza.png "pictures/bad$n.png"; touch "pictures/notes$n.txt"
            """);
    }

    private static void Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = Here })!;
        process.WaitForExit();
    }
}
