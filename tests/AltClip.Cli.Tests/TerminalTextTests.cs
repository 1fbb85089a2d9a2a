using AltClip.Tests;
using Spectre.Console;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Names of files and labels that a terminal would obey are shown to it.</summary>
public sealed class TerminalTextTests : IDisposable
{
    private const string Evil = "a\e[31m\e]0;x\ab\u202Egnp.c\u009Bd\re\u2066f\u2028";
    private const string Shown = "a␛[31m␛]0;x␇b\uFFFDgnp.c\uFFFDd␍e\uFFFDf\uFFFD";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AllThatATerminalObeysIsShown()
    {
        Assert.Equal(Shown, TerminalText.Shown(Evil));
        const string usual = "Grüße, 你好, سلام, \t👩‍👩‍👧\nand\r\nlines";
        Assert.Equal(usual, TerminalText.Shown(usual));
        Assert.Equal("\"\\u202e\\u009b a\"", TerminalText.ShownJson("\"\u202E\u009B a\""));
    }

    [Fact]
    public void EveryWayToWriteDoesSo()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var console = new CliConsole(output, errors);
        console.Out.WriteLine(Evil);
        console.Out.Write(Evil.ToCharArray());
        console.Error.WriteLine("{0}", Evil);
        console.Note(Evil);
        console.Fail(Evil);
        console.Results.Write(new Table().AddColumns("x").AddRow(new Text(Evil)));
        console.Results.MarkupLineInterpolated($"[bold]{Evil}[/]");
        console.WriteJson(Evil);
        foreach (var text in new[] { output.ToString(), errors.ToString() })
            Assert.DoesNotContain(text, c => c is '\e' or '\a' or '\r' or '\u202E' or '\u009B' or '\u2066');
        Assert.Contains(Shown, output.ToString());
        Assert.Contains("\\u001B[31m", output.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\\u202e", output.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task CommandsDoSoWithNamesAndLabels()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        var picture = _folder.File("a\e[2J\u202Eb.png");
        File.Copy(TestData.Path("emoji", "penguin.png"), picture);
        File.WriteAllText(_folder.File("bad\e[2J.png"), "no picture");
        CliResult[] results =
        [
            await Cli.RunAsync("classify", picture, _folder.File("bad\e[2J.png"), "--labels", "x\e[5m", "y"),
            await Cli.RunAsync("index", _folder.Path, "--store", _folder.File("store.duckdb")),
            await Cli.RunAsync("search", "penguin", "--store", _folder.File("store.duckdb")),
            await Cli.RunAsync("search", "--image", _folder.File("none\e[2J.png"), "--store", _folder.File("store.duckdb")),
            await Cli.RunAsync("explain", picture, "--text", "x\e[5m", "--output", _folder.File("out\e[2J.png")),
            await Cli.RunAsync("info", "none\e[2J"),
            await Cli.RunAsync("info", "--\e[2J"),
            await Cli.RunAsync("embed", _folder.Path, "-o", _folder.File("vectors\e[2J")),
            await Cli.RunAsync("convert", TestData.Path("e2e"), _folder.File("model\e[2J")),
        ];
        Assert.All(results, result => Assert.DoesNotContain(result.Output + result.Errors, c => c is '\e' or '\u202E'));
        Assert.Contains("a␛[2J\uFFFDb.png", results[0].Output);
        Assert.Contains("x␛[5m", results[0].Output);
    }

    [Fact]
    public async Task ANameStaysOnItsLine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        const string name = "a\n 0.999\tb.png", shown = "a␊ 0.999␉b.png";
        foreach (var picture in new[] { name, $"2{name}" }) File.Copy(TestData.Path("emoji", "penguin.png"), _folder.File(picture));
        File.WriteAllText(_folder.File($"bad{name}"), "no picture");
        var store = _folder.File("store.duckdb");
        CliResult[] results =
        [
            await Cli.RunAsync("classify", _folder.File(name), "--labels", "x", "y"),
            await Cli.RunAsync("index", _folder.Path, "--store", store),
            await Cli.RunAsync("search", "penguin", "--store", store),
            await Cli.RunAsync("duplicates", "--store", store),
            await Cli.RunAsync("sort", _folder.Path, "--labels", "x", "y", "--into", _folder.File("sorted")),
        ];
        Assert.All(results, result => Assert.DoesNotContain(name, result.Output + result.Errors));
        Assert.All(results.Where((_, i) => i != 1), result => Assert.Contains(shown, result.Output));
        Assert.Contains($"bad{shown}", results[1].Errors);
        Assert.Contains($"{name}\0", (await Cli.RunAsync("search", "penguin", "--store", store, "-0")).Output);
    }
}
