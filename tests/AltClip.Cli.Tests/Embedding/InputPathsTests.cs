using AltClip.Search.Tests;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What <c>{000..010}.tar</c> and <c>@list</c> stand for.</summary>
[Collection<EmojiCollection>]
public sealed class InputPathsTests(EmojiPipeline model) : JobTest(model)
{
    [Fact]
    public void AListNamesAPathALineWhateverIsInIt()
    {
        var list = Write("li st", "\uFEFFa b.tar\r\n\r\n#c\n\"d\"\n--texts\n{8..10}.tar\n@e\nf/\n");
        Assert.Equal(
            ["a b.tar", "#c", "\"d\"", "--texts", "8.tar", "9.tar", "10.tar", "@e", "f", "last"],
            InputPaths.Expand([$"@{list}", "last"]).Select(path => Path.GetRelativePath(Directory.GetCurrentDirectory(), path)));
    }

    [Theory]
    [InlineData("{000..010}.tar", 11)]
    [InlineData("{a,b}/{0..4}", 10)]
    [InlineData("@", 1)]
    public void BracesAreAsManyFiles(string typed, int count) => Assert.Equal(count, InputPaths.Expand([typed]).Length);

    [Fact]
    public void WhatIsThereByTheVeryNameIsThat()
    {
        foreach (var name in new[] { "@list", "{0..3}", "x{" })
        {
            var path = Write(name, "");
            Assert.Equal([path], InputPaths.Expand([path]));
        }
    }

    [Theory]
    [InlineData("@FOLDER/none", "There is no file FOLDER/none, whose paths")]
    [InlineData("@FOLDER", "FOLDER is a folder")]
    [InlineData("@FOLDER/empty", "names nothing")]
    [InlineData("@FOLDER/bytes", "is not UTF-8")]
    [InlineData("@FOLDER/zeros", "is no text")]
    [InlineData("{0..9999999}.tar", "stands for 10000000 names; expected no more than 1000000")]
    [InlineData("{0..999}{0..999}{0..9}.tar", "stands for 10000000 names; expected no more than 1000000")]
    [InlineData("{0..3.tar", "The brace of {0..3.tar is not closed")]
    [InlineData("{3..0}.tar", "{3..0} in {3..0}.tar is no range")]
    public async Task WhatIsWrongIsNamedAndNothingIsWritten(string typed, string expected)
    {
        Write("empty", "\n \n");
        Write("zeros", "\0\0\0\0");
        File.WriteAllBytes(Path.Combine(Folder, "bytes"), [0xFF, 0xD8, 0xFF]);
        var (code, _, errors) = await Cli.RunAsync("embed", typed.Replace("FOLDER", Folder), "-o", Output);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(expected.Replace("FOLDER", Folder), errors);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public async Task AListOfFilesIsEmbedded()
    {
        var pictures = Pictures(3);
        var texts = Write("more pictures.txt", $"{Path.Combine(pictures, "0002.png")}\n");
        var list = Write("list", $"{pictures}\n{texts}\n");
        (await Cli.RunAsync("embed", $"@{list}", "-o", Output, "--format", "jsonl", "--json")).Done();
        Assert.Equal([(0, 0), (0, 1), (0, 2), (1, 0)], (await RowsAsync()).Select(row => (row.Source, row.Index)));
    }

    [Fact]
    public async Task OfOtherCommandsWhatBeginsWithAnAtIsAText()
    {
        var (code, output, errors) = await Cli.RunAsync("classify", TestData.Path("emoji", "penguin.png"), "--labels", "@penguin", "pizza", "--json");
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("@penguin", output);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
