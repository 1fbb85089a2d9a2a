using Xunit;

namespace AltClip.Cli.Tests;

public sealed class DuplicatesCommandTests : PictureFolderTest
{
    [Fact]
    public async Task CopiesAreFoundWithoutAnIndexToo()
    {
        Copy("penguin", "pictures/copy/p.png");
        Environment.CurrentDirectory = At("pictures");
        var text = await Cli.RunAsync("duplicates", "--exact");
        Assert.Equal(ExitCode.Done, text.Code);
        Assert.Contains($"  {Path.Combine("copy", "p.png")}{Environment.NewLine}  penguin.png{Environment.NewLine}", text.Output);
        Assert.Contains("5 pictures: 1 copy, 0 near-duplicates", text.Output);
        Assert.Equal(["penguin.png"], await LinesAsync("duplicates", "--exact", "--paths"));
        var json = (await Cli.RunAsync("duplicates", "--json")).Done();
        Assert.Equal(5, (int)json["pictures"]!);
        var group = Assert.Single(json["groups"]!.AsArray())!;
        Assert.True((bool)group["is_exact"]!);
        Assert.Equal(2, group["images"]!.AsArray().Count);
        // Another file of the same picture.
        Copy("pizza", "pictures/pizza-again.png");
        File.AppendAllText(At("pictures/pizza-again.png"), "after its end");
        var all = (await Cli.RunAsync("duplicates", "--json")).Done()["groups"]!.AsArray();
        Assert.Equal([true, false], all.Select(found => (bool)found!["is_exact"]!));
        Assert.Empty(await LinesAsync("duplicates", "--similarity", "0", "--in", "copy", "--paths"));
    }

    [Fact]
    public async Task WhatIsGoneIsNamed()
    {
        await LinesAsync("index", "pictures", "--store", "my.duckdb");
        File.Delete(At("pictures/pizza.png"));
        var result = await Cli.RunAsync("duplicates", "--store", "my.duckdb");
        Assert.Equal(ExitCode.SomeFailed, result.Code);
        Assert.Contains($"1 picture can't be read and is left out: {Path.Combine("pictures", "pizza.png")}", result.Errors);
    }

    [Theory]
    [InlineData("--similarity is 1.5", "--similarity", "1.5")]
    [InlineData("either --paths or --json", "--paths", "--json")]
    public async Task WrongUsageIsSaid(string message, params string[] arguments)
    {
        var result = await Cli.RunAsync(["duplicates", .. arguments]);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains(message, result.Errors);
    }
}
