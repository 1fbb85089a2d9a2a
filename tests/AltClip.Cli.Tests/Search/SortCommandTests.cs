using Xunit;

namespace AltClip.Cli.Tests;

public sealed class SortCommandTests : PictureFolderTest
{
    [Fact]
    public async Task FirstItIsShownAndThenDone()
    {
        string[] command = ["sort", "pictures", "--labels", "penguin", "food", "火箭", "cactus", "--into", "sorted"];
        var plan = await Cli.RunAsync(command);
        Assert.Equal(ExitCode.Done, plan.Code);
        Assert.Contains($"{Path.Combine("sorted", "penguin")}{Path.DirectorySeparatorChar}", plan.Output);
        Assert.Contains("4 pictures would go into sorted", plan.Output);
        Assert.Contains("--link or --copy", plan.Errors);
        Assert.False(Directory.Exists("sorted"));

        Assert.Contains("4 pictures copied into sorted", (await LinesAsync([.. command, "--copy"]))[^1]);
        Assert.True(File.Exists(At("sorted/火箭/rocket.png")));
        Assert.Contains("0 pictures copied into sorted, 4 there already", (await LinesAsync([.. command, "--copy"]))[^1]);
        var json = (await Cli.RunAsync([.. command, "--json"])).Done();
        Assert.Null(json["action"]);
        Assert.All(json["pictures"]!.AsArray(), picture => Assert.True((bool)picture!["is_there"]!));
        Assert.Equal(4, Directory.GetFiles("pictures").Length);
    }

    [Fact]
    public async Task CopiesTakeThePlaceOfLinks()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string[] command = ["sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted"];
        Assert.Contains("4 pictures linked into sorted", (await LinesAsync([.. command, "--link"]))[^1]);
        Assert.Contains("4 pictures copied into sorted", (await LinesAsync([.. command, "--copy"]))[^1]);
        Assert.Null(new FileInfo(At("sorted/penguin/penguin.png")).LinkTarget);
        Assert.Equal(File.ReadAllBytes("pictures/penguin.png"), File.ReadAllBytes(At("sorted/penguin/penguin.png")));
        Assert.Contains("0 pictures linked into sorted, 4 there already", (await LinesAsync([.. command, "--link"]))[^1]);
    }

    [Fact]
    public async Task ProgramsReadOfErrorsWhatUsersDo()
    {
        File.CreateSymbolicLink(At("pictures/gone.png"), At("nowhere.png"));
        var result = await Cli.RunAsync("sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted", "--json");
        Assert.Contains("There is no file", (string)result.Json["failed"]![0]!["error"]!);
    }

    [Fact]
    public async Task AFileThatLooksLikeAnOptionIsNamedAsItCanBeTyped()
    {
        Copy("penguin", "-penguin.png");
        string[] command = ["classify", "-penguin.png", "--labels", "penguin", "pizza"];
        var refused = await Cli.RunAsync(command);
        var typed = Path.Join(".", "-penguin.png");
        Assert.Contains($"The file -penguin.png is typed as {typed}.", refused.Errors);
        Assert.Equal((ExitCode.WrongUsage, ExitCode.Done), (refused.Code, (await Cli.RunAsync(["classify", typed, .. command[2..]])).Code));
    }

    [Fact]
    public async Task LabelsMayComeFirstAndUnreadablePicturesAreNamed()
    {
        File.WriteAllText(At("pictures/bad.png"), "no picture");
        var result = await Cli.RunAsync("sort", "--into", "sorted", "--copy", "--exclude", "cactus.png", "--labels", "penguin", "pizza", "pictures");
        Assert.Equal(ExitCode.SomeFailed, result.Code);
        Assert.Contains("3 pictures copied into sorted", result.Output);
        Assert.Contains("bad.png", result.Errors);
        Assert.Equal(["penguin", "pizza"], Directory.GetDirectories("sorted").Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task AProgramReadsWhatWasDoneByName()
    {
        var json = (await Cli.RunAsync("sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted", "--copy", "--json")).Done();
        Assert.Equal("copy", (string)json["action"]!);
    }

    [Fact]
    public async Task APictureThatFailsIsNamedOnce()
    {
        File.WriteAllText(At("pictures/bad.png"), "no picture");
        CliResult[] results =
        [
            await Cli.RunAsync("sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted"),
            await Cli.RunAsync("index", "pictures"),
        ];
        Assert.All(results, result => Assert.Single(result.Errors.Split('\n'), line => line.Contains("bad.png", StringComparison.Ordinal)));
        Assert.All(results, result => Assert.Equal(2, result.Errors.Split("bad.png").Length));
    }

    [Theory]
    [InlineData("sort", "bad", "--labels", "penguin", "pizza", "--into", "sorted")]
    [InlineData("index", "bad")]
    public async Task WhereNothingCanBeReadItFails(params string[] command)
    {
        Directory.CreateDirectory(At("bad"));
        File.WriteAllText(At("bad/bad.png"), "no picture");
        Assert.Equal(ExitCode.Failed, (await Cli.RunAsync(command)).Code);
    }

    [Fact]
    public async Task ALinkToItselfFailsAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        File.CreateSymbolicLink(At("pictures/self.png"), "self.png");
        foreach (var command in new string[][] { ["sort", "pictures", "--labels", "penguin", "pizza", "--into", "sorted"], ["index", "pictures"], ["embed", "pictures", "-o", "vectors"] })
        {
            var result = await Cli.RunAsync(command);
            Assert.Equal(ExitCode.SomeFailed, result.Code);
            Assert.Contains("4", result.Output);
        }
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public async Task AFileIsNoFolderToSortInto(string into)
    {
        File.WriteAllText(At("file"), "");
        var result = await Cli.RunAsync("sort", "pictures", "--labels", "penguin", "pizza", "--into", into, "--copy");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains($"{At("file")} is a file; expected a folder", result.Errors);
        Assert.DoesNotContain("penguin.png", result.Errors);
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "either --copy or --link", "pictures", "--labels", "a", "--into", "x", "--copy", "--link")]
    [InlineData(ExitCode.WrongUsage, "--min-probability is 2", "pictures", "--labels", "a", "--into", "x", "--min-probability", "2")]
    [InlineData(ExitCode.WrongUsage, "There is no FOLDER", "--labels", "a", "--into", "x")]
    [InlineData(ExitCode.WrongUsage, "has no {}", "pictures", "--labels", "a", "--into", "x", "--templates", "b")]
    [InlineData(ExitCode.Failed, "There is no folder nowhere", "nowhere", "--labels", "a", "--into", "x")]
    [InlineData(ExitCode.Failed, "into itself or a folder above it", "pictures", "--labels", "a", "--into", ".")]
    [InlineData(ExitCode.Failed, "would have one folder", "pictures", "--labels", "a/b", "a:b", "--into", "x")]
    public async Task WhatIsWrongIsNamed(object code, string message, params string[] arguments)
    {
        var result = await Cli.RunAsync(["sort", .. arguments]);
        Assert.Equal((ExitCode)code, result.Code);
        Assert.Contains(message, result.Errors);
        Assert.DoesNotContain("Parameter", result.Errors);
        Assert.False(Directory.Exists("x"));
    }
}
