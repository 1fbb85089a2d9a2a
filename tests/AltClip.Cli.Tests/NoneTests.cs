using System.Text.Json.Nodes;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>altclip calibrate</c>, and what <c>classify --none</c> answers with what it finds.</summary>
[Collection(nameof(ProcessWide))]
public sealed class NoneTests : IDisposable
{
    private static readonly string Penguin = TestData.Path("emoji", "penguin.png");
    private static readonly string Model = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));
    private static readonly string Pictures = Path.GetFullPath(TestData.Path("..", "..", "samples", "LoraFineTuning", "pictures", "test"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ResultsHaveTheCosine()
    {
        var alone = (await Cli.RunAsync("classify", Penguin, "--labels", "penguin", "--json")).Done()[0]!["labels"]![0]!;
        var among = (await Cli.RunAsync("classify", Penguin, "--labels", "rocket", "penguin", "--json")).Done()[0]!["labels"]!.AsArray();
        var explained = (await Cli.RunAsync("explain", Penguin, "--text", "penguin", "--output", _folder.File("heat.png"), "--json")).Done()[0]!;
        Assert.Equal((float)alone["similarity"]!, (float)among[0]!["similarity"]!, 1e-5);
        Assert.Equal((float)explained["similarity"]!, (float)among[0]!["similarity"]!, 1e-4);
        Assert.True((float)among[1]!["similarity"]! < (float)among[0]!["similarity"]!);
        Assert.Equal(1f, (float)alone["probability"]!);
    }

    [Fact]
    public async Task ACosineMayBeGiven()
    {
        var json = (await Cli.RunAsync("classify", Penguin, "--labels", "rocket", "pizza", "--none=0.9", "--json")).Done()[0]!;
        Assert.True((bool)json["none"]!);
        Assert.Equal((0.9, 2), ((double)json["threshold"]!, json["labels"]!.AsArray().Count));
        Assert.False((bool)(await Cli.RunAsync("classify", Penguin, "--none", "-1", "--labels", "rocket", "pizza", "--json")).Done()[0]!["none"]!);
        var text = await Cli.RunAsync("classify", Penguin, "--labels", "rocket", "pizza", "--none=0.9");
        Assert.Contains("none of these", text.Output);
        Assert.DoesNotContain("%", text.Output);
        Assert.Null((await Cli.RunAsync("classify", Penguin, "--labels", "rocket", "--json")).Done()[0]!["none"]);
    }

    [Fact]
    public async Task AModelIsCalibratedAndSaysItsRates()
    {
        (await Cli.RunAsync("convert", Model, _folder.File("model"), "--json")).Done();
        File.Delete(Path.Combine(_folder.File("model"), "thresholds.json"));
        string[] classify = ["classify", Penguin, "--labels", "rocket", "pizza", "--model", _folder.File("model"), "--json"];
        var without = await Cli.RunAsync([.. classify, "--none"]);
        Assert.Equal(ExitCode.WrongUsage, without.Code);
        Assert.Contains("no calibrated threshold", without.Errors.ReplaceLineEndings(" "));

        var json = (await Cli.RunAsync("calibrate", Pictures, "--model", _folder.File("model"), "--false-accept", "0.25", "--labels-per-picture", "2", "--description", "held out", "--json")).Done();
        Assert.Equal((2, 10), ((int)json["labels_per_picture"]!, (int)json["classes"]!));
        var stored = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.File("model"), "thresholds.json")))!["rejection"]!;
        Assert.Equal((double)json["similarity"]!, (double)stored["similarity"]!, 1e-9);
        Assert.Equal("held out", (string)stored["calibrated_on"]!);
        var classified = await Cli.RunAsync([.. classify, "--none"]);
        Assert.Equal((double)stored["similarity"]!, (double)classified.Done()[0]!["threshold"]!, 1e-9);
        Assert.Contains($"{100 * (double)stored["false_reject_rate"]!:F1} % of those whose label was among 2 got none", classified.Errors.ReplaceLineEndings(" "));
        Assert.Contains("(held out)", classified.Errors.ReplaceLineEndings(" "));

        // In another type it is the same model.
        (await Cli.RunAsync("convert", _folder.File("model"), _folder.File("float32"), "--dtype", "float32", "--json")).Done();
        Assert.Equal(
            File.ReadAllText(Path.Combine(_folder.File("model"), "thresholds.json")), File.ReadAllText(Path.Combine(_folder.File("float32"), "thresholds.json")));
    }

    [Theory]
    [InlineData("'pizza.png' is no cosine", "classify PENGUIN --labels a --none pizza.png")]
    [InlineData("'1.5' is no cosine", "classify PENGUIN --labels a --none=1.5")]
    [InlineData("There is no folder no/where", "calibrate PICTURES --model no/where")]
    [InlineData("--false-accept is 1;", "calibrate PICTURES --model MODEL --false-accept 1")]
    [InlineData("--labels-per-picture is 0;", "calibrate PICTURES --model MODEL --labels-per-picture 0")]
    [InlineData("--model", "calibrate PICTURES")]
    public async Task WrongUsageIsNamed(string expected, string typed)
    {
        var result = await Cli.RunAsync([.. typed.Split(' ').Select(word => word switch { "PENGUIN" => Penguin, "PICTURES" => Pictures, "MODEL" => _folder.Path, _ => word })]);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains(expected, result.Errors.ReplaceLineEndings(" "));
    }
}
