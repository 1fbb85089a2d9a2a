using System.CommandLine.Parsing;
using System.Diagnostics;
using AltClip.Cli;
using Xunit;

namespace AltClip.Tests;

/// <summary>The examples of <c>docs/cli.md</c>.</summary>
public sealed class CommandLinePageTests : IDisposable
{
    private static readonly string Root = Path.GetFullPath(TestData.Path("..", ".."));

    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Environment.CurrentDirectory;

    /// <summary>Makes a folder that looks like the repository's root, so that the examples' files stay out of that.</summary>
    public CommandLinePageTests()
    {
        foreach (var name in new[] { "models", "samples", "tests" }) Directory.CreateSymbolicLink(_folder.File(name), Path.Combine(Root, name));
        Environment.CurrentDirectory = _folder.Path;
    }

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        foreach (var name in new[] { "models", "samples", "tests" }) Directory.Delete(_folder.File(name));
        _folder.Dispose();
    }

    /// <summary>Each works from the root with the model that comes along; those that need another model or data set are understood at least.</summary>
    [Fact]
    public async Task ExamplesWork()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The examples are for a Unix shell.");
        var done = 0;
        foreach (var line in Examples(File.ReadAllLines(Path.Combine(Root, "docs", "cli.md"))))
        {
            string[] words = [.. CommandLineParser.SplitCommandLine(line)];
            if (words[0] != CommandLine.Name)
            {
                using var shell = Process.Start("/bin/sh", ["-c", line]);
                await shell.WaitForExitAsync();
                Assert.Equal(0, shell.ExitCode);
                continue;
            }
            if (words.Contains("BAAI/AltCLIP"))
            {
                Assert.Empty(CommandLine.Create(CliConsole.Process).Parse(words[1..]).Errors);
                continue;
            }
            var result = await Cli.RunAsync(words[1..]);
            Assert.True(result.Code == ExitCode.Done, $"{line}\n{result.Errors}");
            Assert.NotEmpty(result.Output);
            done++;
        }
        Assert.InRange(done, 10, 100);
    }

    private static IEnumerable<string> Examples(string[] page)
    {
        var inside = false;
        foreach (var line in page)
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) inside = line == "```sh";
            else if (inside && line.Length > 0) yield return line;
        }
    }
}
