using System.CommandLine;
using System.Text.RegularExpressions;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Defaults and codes that pages give are the tool's.</summary>
public sealed partial class PageNumbersTests
{
    [Theory]
    [InlineData("(`--labels-per-picture`, {})", "calibrate", "--labels-per-picture")]
    [InlineData("`--false-accept` ({})", "calibrate", "--false-accept")]
    [InlineData("of {} inputs (`--count`)", "quantize", "--count")]
    [InlineData("`--similarity` ({} if not given)", "duplicates", "--similarity")]
    [InlineData("A part, {} inputs unless `--part-size` says otherwise", "embed", "--part-size")]
    [InlineData("written every {} steps and every five minutes (`--checkpoint-every`, `--checkpoint-minutes`)", "train", "--checkpoint-every")]
    public void DefaultsAreThose(string text, string command, string option) =>
        new Statement(text, Option(command, option).GetDefaultValue()).AssertHolds();

    [Fact]
    public void CheckpointsAreFiveMinutesApart() => Assert.Equal(5, Convert.ToInt32(Option("train", "--checkpoint-minutes").GetDefaultValue()));

    [Fact]
    public void ExitCodesAreThose()
    {
        var codes = Enum.GetValues<ExitCode>().Select(code => $"{(int)code}").ToList();
        Assert.Equal(codes, CodeRow().Matches(File.ReadAllText(Repository.Path("docs", "cli.md"))).Select(row => row.Groups["code"].Value));
        var sentence = CodeSentence().Match(File.ReadAllText(Repository.Path("src", "AltClip.Cli", "README.md"))).Value;
        Assert.Equal(codes, Code().Matches(sentence).Select(code => code.Groups["code"].Value));
    }

    private static Option Option(string command, string option) => CommandLine.Create(CliConsole.Process).Subcommands.Single(child => child.Name == command)
        .Options.Single(child => child.Name == option);

    [GeneratedRegex(@"^\| (?<code>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex(@"exit codes are [^.]+")]
    private static partial Regex CodeSentence();

    [GeneratedRegex(@"(?<code>\d+)\s+\(")]
    private static partial Regex Code();
}
