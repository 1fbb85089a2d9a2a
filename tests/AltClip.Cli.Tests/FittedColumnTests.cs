using AltClip.Tests;
using Spectre.Console;
using Spectre.Console.Rendering;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class FittedColumnTests
{
    [Theory]
    [InlineData(36, "Looking at pictures", "Looking at pictures 104/450 0:59")]
    [InlineData(30, "Indexing my-pictures-of-2025", "Indexing my-pict… 104/450 0:59")]
    [InlineData(24, "Looking at pictures", "Looking at pict… 104/450")]
    [InlineData(12, "Indexing 写真写真", "Indexing 写…")]
    public void WhatHasNoRoomIsLeftOut(int width, string description, string expected) =>
        Assert.Equal(expected, Line(width, description, 104, 450, new CountColumn(), new Told("0:59")));

    [Fact]
    public void WhatHasNotBegunIsNotCounted() => Assert.Equal("Asking the Hub", Line(new ProgressTask(1, "Asking the Hub", 100) { IsIndeterminate = true }, 14, new CountColumn()));

    [Fact]
    public void ABarTakesTheRestOfTheLine() => Assert.Equal(80, Line(80, "Indexing a folder of pictures", 104, 450, new CountColumn(), new Told("0:59")).Length);

    [Fact]
    public void NoTerminalIsTooNarrow() => Assert.All(Enumerable.Range(1, 120), width =>
    {
        foreach (var description in new[] { "a", "Embedding", "model-00001-of-00002.safetensors" })
        {
            var line = Line(width, description, 1_000_000, 20_000_000, new PercentageColumn(), new DownloadedColumn(), new CountColumn(), new RemainingTimeColumn(), new SpinnerColumn());
            Assert.DoesNotContain('\n', line);
            Assert.InRange(line.GetCellWidth(), 0, width);
        }
    });

    /// <summary>A bar of other columns would break its numbers where a terminal is narrow.</summary>
    [Fact]
    public void EveryBarIsFitted() => Assert.Equal(["ProgressBars.cs"],
        Repository.Files(".cs").Where(file => file.StartsWith("src/AltClip.Cli/", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(Repository.Path(file)).Contains(".Progress()", StringComparison.Ordinal)).Select(Path.GetFileName));

    private static string Line(int width, string description, double done, double total, params ProgressColumn[] behind) =>
        Line(new ProgressTask(1, description, total) { Value = done }, width, behind);

    private static string Line(ProgressTask task, int width, params ProgressColumn[] behind)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        var options = RenderOptions.Create(console);
        return string.Concat(new FittedColumn(behind).Render(options, task, TimeSpan.Zero).Render(options, width).Select(segment => segment.Text));
    }

    /// <summary>Says the same at any time, on any machine.</summary>
    private sealed class Told(string text) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text);
    }
}
