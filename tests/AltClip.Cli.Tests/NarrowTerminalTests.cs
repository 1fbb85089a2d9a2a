using System.Diagnostics;
using AltClip.Tests;
using Spectre.Console;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>On 40 columns lines end between words, and what may have to be copied, such as a path, stays in one piece.</summary>
[Collection(nameof(ProcessWide))]
public sealed class NarrowTerminalTests : IDisposable
{
    private const int Width = 40;

    /// <summary>What may stand before a long word on its line, as a score and blanks.</summary>
    private const int BeforeAWord = 12;

    private const string Long = "a-folder-of-pictures-from-a-summer/a-rocket-that-starts.png";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LinesEndBetweenWords()
    {
        var pictures = _folder.File("pictures");
        var broken = Path.Combine(pictures, "a-picture-that-can-not-be-read-by-anyone.png");
        Directory.CreateDirectory(Path.Combine(pictures, Path.GetDirectoryName(Long)!));
        foreach (var file in Directory.GetFiles(TestData.Path("emoji"), "*.png")) File.Copy(file, Path.Combine(pictures, Path.GetFileName(file)));
        File.Copy(TestData.Path("emoji", "rocket.png"), Path.Combine(pictures, Long));
        await File.WriteAllTextAsync(broken, "no picture", TestContext.Current.CancellationToken);
        var table = _folder.File("captions.tsv");
        await File.WriteAllLinesAsync(
            table, ["filepath\ttitle", "penguin.png\ta penguin", "pizza.png\ta pizza", "rocket.png\ta rocket"], TestContext.Current.CancellationToken);
        var penguin = Path.Combine(pictures, "penguin.png");
        var (store, model, vectors) = (_folder.File("store.duckdb"), _folder.File("a-model-of-many-words-in-its-name"), _folder.File("vectors"));
        File.Copy(penguin, Path.Combine(Directory.CreateDirectory(_folder.File("classes/penguin")).FullName, "penguin.png"));

        await RunAsync([], "info");
        await RunAsync([], "info", "--kernels");
        await RunAsync([model], "train", table, "--images", pictures, "--output", model, "--steps", "1", "--batch-size", "3");
        await RunAsync([broken], "index", pictures, "--store", store);
        await RunAsync([], "index", "--list", "--store", store);
        await RunAsync([Long], "search", "rocket", "--store", store);
        await RunAsync([Long], "search", "rocket", "--store", store, "--paths");
        await RunAsync([Long], "duplicates", "--store", store);
        await RunAsync([broken], "classify", penguin, broken, "--labels", "penguin", "a label that goes on and on, as sentences do");
        await RunAsync([], "classify", penguin, "--labels", "pizza", "guitar", "--none");
        await RunAsync([broken, Long], "sort", pictures, "--labels", "penguin", "rocket", "--into", _folder.File("sorted"));
        await RunAsync([], "embed", pictures, "--output", vectors);
        await RunAsync([], "embed", "verify", vectors);
        await RunAsync([], "evaluate", "zero-shot", _folder.File("classes"));
        await RunAsync([], "evaluate", "retrieval", table, "--images", pictures);
        await RunAsync([], "quantize", model, "--texts", TestData.Path("tokenizer", "lines.txt"), "--count", "10", "--output", _folder.File("int8"));
        await RunAsync([model], "convert", model, $"{model}-in-float16", "--dtype", "float16");
        await RunAsync([model], "export", "onnx", model, "--output", $"{model}-as-onnx");
        await RunAsync([_folder.File("a-map-of-the-picture-for-this-text.png")], "explain", penguin, "--text", "a penguin that stands on the ice", "--output", _folder.File("a-map-of-the-picture-for-this-text.png"));
        await RunAsync(["--an-option-that-there-is-not-any-more"], "evaluate", "linear-probe", pictures, "--an-option-that-there-is-not-any-more");
    }

    [Theory]
    [InlineData("owner/name[@revision]", "--help", "info")]
    [InlineData("TorchSharp-cuda-linux;", "--help", "train")]
    [InlineData("float32]", "--help", "index")]
    [InlineData("<bash|fish|pwsh|zsh>", "--help")]
    [InlineData("<bash|fish|pwsh|zsh>", "--help", "completion")]
    public async Task HelpEndsLinesBetweenWords(string whole, params string[] arguments)
    {
        var help = (await Cli.RunAsync(Width, arguments)).Output;
        Assert.Contains(whole, help);
        var examples = help.IndexOf("Examples:", StringComparison.Ordinal);
        Assert.All(help[..(examples < 0 ? help.Length : examples)].Split('\n'), line => AssertFits(line, line));
    }

    /// <summary>While the Hub can't be reached, one line says that it is asked.</summary>
    [Fact(Timeout = 120_000)]
    public async Task ADownloadSaysWhatItWaitsFor()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which makes a terminal, is for Linux.");
        var tool = typeof(CliConsole).Assembly.Location;
        var start = new ProcessStartInfo("script", ["-qec", $"stty cols {Width} rows 24; exec dotnet '{tool}' download a/model", "/dev/null"]) { RedirectStandardOutput = true };
        start.Environment["HF_ENDPOINT"] = "http://127.0.0.1:9";
        start.Environment["HF_HOME"] = _folder.Path;
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var shown = "";
        while (!shown.Contains("Asking the Hub") && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Assert.NotEqual("…", line.Trim());
            shown += line;
        }
        process.Kill(entireProcessTree: true);
        Assert.Contains("Asking the Hub", shown);
    }

    /// <summary>Where no line can be broken, it would be looked for a place to for ever.</summary>
    [Fact(Timeout = 120_000)]
    public async Task OneColumnIsEnoughToEnd()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which makes a terminal, is for Linux.");
        var command = $"stty cols 1 rows 24; exec dotnet '{typeof(CliConsole).Assembly.Location}' classify '{TestData.Path("emoji", "pizza.png")}' --labels pizza cat";
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill(entireProcessTree: true));
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task RunAsync(string[] whole, params string[] arguments)
    {
        var result = await Cli.RunAsync(Width, arguments);
        var text = result.Output + result.Errors;
        Assert.True(result.Code is ExitCode.Done or ExitCode.SomeFailed || whole is ["--an-option-that-there-is-not-any-more"], $"{string.Join(' ', arguments)}: {text}");
        Assert.All(text.Split('\n'), line => AssertFits(line, string.Join(' ', arguments)));
        Assert.All(whole, part => Assert.Contains(part, text));
    }

    private static void AssertFits(string line, string command) => Assert.True(
        line.GetCellWidth() <= Width || line.Split(' ').Any(word => word.GetCellWidth() > Width - BeforeAWord), $"{command}: {line}");
}
