using AltClip.Inference.Calibration;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>quantize</c>; what a calibration is worth, AltClip.Tests holds.</summary>
public sealed class QuantizeCommandTests : IDisposable
{
    private static readonly string Emoji = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));
    private static readonly string Pictures = TestData.Path("images", "real");

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File(CalibrationFile.Name);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatIsForcedIsWrittenAndKeepsTheOtherEncoders()
    {
        var texts = (await Cli.RunAsync("quantize", Emoji, "--texts", Texts(20), "--output", _folder.Path, "--force", "--json")).Done();
        Assert.Equal(File, (string)texts["file"]!);
        Assert.Equal(4, (int)texts["text"]!["held_out"]!);
        Assert.InRange((double)texts["text"]!["calibrated_mean"]!, 0.99, 1);
        Assert.InRange((double)texts["text"]!["dynamic_worst"]!, 0.99, (double)texts["text"]!["dynamic_mean"]!);
        Assert.Null(texts["image"]);
        var first = CalibrationFile.Read(File);
        Assert.Null(first.Image);

        var images = (await Cli.RunAsync("quantize", Emoji, "--images", Pictures, "--output", _folder.Path, "--force", "--json")).Done();
        Assert.Equal(2, (int)images["image"]!["held_out"]!);
        var both = CalibrationFile.Read(File);
        Assert.NotNull(both.Image);
        Assert.Equal(first.Text!.Digests, both.Text!.Digests);
        using var model = AltCLIPModel.FromPretrained(Emoji);
        Assert.Null(both.Problem(model));
    }

    [Fact]
    public async Task WhatGainsNothingIsNotWritten()
    {
        // Its heads are too narrow for the kernels that heed a calibration.
        var result = await Cli.RunAsync("quantize", TestData.Path("e2e"), "--texts", Texts(20), "--output", _folder.File("new"));
        Assert.True(result.Code == ExitCode.Done, result.Errors);
        Assert.Contains("texts, 4 held out", result.Output);
        Assert.Contains("heeds no calibration", result.Output);
        Assert.Contains("Nothing was written", result.Output);
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Theory]
    [InlineData((int)ExitCode.WrongUsage, "--images, --texts or both", "MODEL")]
    [InlineData((int)ExitCode.WrongUsage, "say with --output", "no/model", "--texts", "TEXTS")]
    [InlineData((int)ExitCode.WrongUsage, "--count is 5", "MODEL", "--texts", "TEXTS", "--count", "5")]
    [InlineData((int)ExitCode.Failed, "has 3 different texts; expected 10 or more", "MODEL", "--texts", "FEW")]
    [InlineData((int)ExitCode.Failed, "is not UTF-8", "MODEL", "--texts", "LATIN1")]
    [InlineData((int)ExitCode.Failed, "There is no file no-such-file", "MODEL", "--texts", "no-such-file")]
    [InlineData((int)ExitCode.Failed, "There is no folder no-such-folder", "MODEL", "--images", "no-such-folder")]
    public async Task WhatCannotBeIsRefusedBeforeAnythingIsComputed(int code, string message, params string[] arguments)
    {
        string[] words = [.. arguments.Select(word => word switch { "MODEL" => Emoji, "TEXTS" => Texts(20), "FEW" => Texts(3), "LATIN1" => Latin1(20), _ => word })];
        var result = await Cli.RunAsync(["quantize", .. words]);
        Assert.Equal(code, (int)result.Code);
        Assert.Contains(message, result.Errors);
        Assert.False(System.IO.File.Exists(Path.Combine(Emoji, CalibrationFile.Name)));
    }

    private string Latin1(int count)
    {
        var path = _folder.File("latin1.txt");
        System.IO.File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => $"{i} bébés"), System.Text.Encoding.Latin1);
        return path;
    }

    private string Texts(int count)
    {
        var path = _folder.File("texts.txt");
        System.IO.File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => $"a picture of {i} penguins"));
        return path;
    }
}
