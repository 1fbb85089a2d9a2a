using AltClip.Imaging;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>explain</c> and <c>evaluate</c>.</summary>
public sealed class PictureCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ExplainDrawsAMapForEachText()
    {
        var result = (await Cli.RunAsync("explain", TestData.Path("emoji", "penguin.png"), "--text", "penguin", "企鹅", "-o", _folder.File("heat.png"), "--json")).Done();
        Assert.Equal(["heat-1.png", "heat-2.png"], _folder.Files);
        Assert.Equal(["penguin", "企鹅"], result.AsArray().Select(map => (string)map!["text"]!));
        Assert.Equal(8, result[0]!["relevance"]!.AsArray().Count);
        Assert.Equal(8, result[0]!["relevance"]![0]!.AsArray().Count);
        Assert.InRange((double)result[0]!["similarity"]!, 0.05, 1);
        foreach (var file in _folder.Files) Assert.Equal(384, RgbImage.Decode(ImageSource.FromFile(_folder.File(file))).Width);

        var nowhere = await Cli.RunAsync("explain", TestData.Path("emoji", "penguin.png"), "--text", "a", "-o", _folder.File("no/heat.png"));
        Assert.Equal(ExitCode.Failed, nowhere.Code);
        Assert.Contains("There is no folder", nowhere.Errors);
    }

    [Fact]
    public async Task ZeroShotCountsAndSaysWhatItCouldNotRead()
    {
        foreach (var (name, other) in new[] { ("pizza", "pizza"), ("rocket", "rocket"), ("penguin", "guitar") })
        {
            Directory.CreateDirectory(_folder.File(name));
            File.Copy(TestData.Path("emoji", other + ".png"), Path.Combine(_folder.File(name), "1.png"));
        }
        var result = await Cli.RunAsync("evaluate", "zero-shot", _folder.Path, "--template", "{}", "{} emoji", "--json");
        Assert.Equal(2 / 3.0, (double)result.Done()["acc1"]!, 6);

        File.WriteAllText(Path.Combine(_folder.File("pizza"), "2.png"), "no picture");
        var skipped = await Cli.RunAsync("evaluate", "zero-shot", _folder.Path);
        Assert.Equal(ExitCode.SomeFailed, skipped.Code);
        Assert.Contains("66.67", skipped.Output);
        Assert.Contains("2.png", skipped.Errors);
    }

    [Fact]
    public async Task ZeroShotReadsPublishedClassesAndTemplates()
    {
        File.WriteAllText(_folder.File("classes.json"), """{"emoji": ["火箭", "披萨"], "other": ["a"]}""");
        File.WriteAllText(_folder.File("templates.json"), """{"emoji": ["{c}", "{c}的照片"], "other": ["{c}"]}""");
        File.WriteAllText(_folder.File("list.csv"), $"image,label\n{TestData.Path("emoji", "pizza.png")},1\n{TestData.Path("emoji", "rocket.png")},0\n");
        var result = await Cli.RunAsync(
            "evaluate", "zero-shot", _folder.File("list.csv"), "--classes", _folder.File("classes.json"), "--templates", _folder.File("templates.json"),
            "--data-set", "emoji", "--json");
        Assert.Equal(1, (double)result.Done()["acc1"]!);
        Assert.Equal("火箭", (string)result.Json["classes"]![0]!["name"]!);
    }

    [Fact]
    public async Task RetrievalReadsTablesAndPublishedTokens()
    {
        var table = (await Cli.RunAsync("evaluate", "retrieval", TrainCommandTests.WriteCaptions(_folder.File("captions.tsv")), "--json")).Done();
        Assert.Equal(8, (int)table["images"]!);
        Assert.InRange((double)table["text_retrieval_recall@1"]!, 0.7, 1);
        File.WriteAllText(_folder.File("tokens.txt"), "pizza.png#0\tpizza\nrocket.png#0\t火箭\npenguin.png#0\tpenguin\n");
        File.WriteAllText(_folder.File("test.txt"), "pizza.png\nrocket.png\n");
        var tokens = await Cli.RunAsync(
            "evaluate", "retrieval", _folder.File("tokens.txt"), "--format", "tokens", "--images", TestData.Path("emoji"), "--split", _folder.File("test.txt"));
        Assert.Equal(ExitCode.Done, tokens.Code);
        Assert.Contains("picture to text        2  100.00", tokens.Output);
    }
}
