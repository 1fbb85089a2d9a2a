using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.RegularExpressions;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The examples of <c>docs/cli.md</c>, and of all pages that show what a command prints.</summary>
public sealed partial class CommandLinePageTests : IDisposable
{
    private const string CommandsPage = "docs/cli.md";
    private static readonly string Root = Path.GetFullPath(TestData.Path("..", ".."));

    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Environment.CurrentDirectory;

    /// <summary>Makes a folder that looks like the repository's root, so that the examples' files stay out of that.</summary>
    public CommandLinePageTests()
    {
        foreach (var name in new[] { "models", "samples", "tests" }) Directory.CreateSymbolicLink(_folder.File(name), Path.Combine(Root, name));
        Environment.CurrentDirectory = _folder.Path;
    }

    public static TheoryData<string> Pages => [CommandsPage, .. new[] { "", "docs", "models", "samples", "src" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", new EnumerationOptions { RecurseSubdirectories = folder != "" }))
        .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
        .Where(page => page != CommandsPage && Examples(page).Any(example => example.Printed is not null)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        foreach (var name in new[] { "models", "samples", "tests" }) Directory.Delete(_folder.File(name));
        _folder.Dispose();
    }

    /// <summary>
    /// Each works from the root with the model that comes along, and prints what the page says; those that need another model or data set are
    /// understood at least.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public async Task ExamplesWork(string page)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The examples are for a Unix shell.");
        var done = 0;
        foreach (var (commands, printed) in Examples(page))
        {
            var output = "";
            foreach (var line in commands)
            {
                string[] words = [.. CommandLineParser.SplitCommandLine(line)];
                if (words[0] != CliConsole.ToolName)
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
                output += result.Output;
                done++;
            }
            if (printed is not null) Assert.Equal(Lines(printed), Lines(output));
        }
        Assert.InRange(done, page == CommandsPage ? 10 : 1, 100);
    }

    [Fact]
    public void TheModelsCardShowsWhatItGives() => Assert.Contains("models/altclip-emoji/README.md", Pages.Select(page => page.Data));

    /// <summary>The blocks with commands, and what is printed by those that a block of text follows.</summary>
    private static IEnumerable<(string[] Commands, string? Printed)> Examples(string page) => Shell().Matches(File.ReadAllText(Path.Combine(Root, page)))
        .Where(block => page == CommandsPage || block.Groups["commands"].Value.StartsWith(CliConsole.ToolName + " ", StringComparison.Ordinal))
        .Select(block => (
            block.Groups["commands"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            block.Groups["printed"] is { Success: true, Value: var printed } ? printed : null));

    // As a page shows them: without colours, nor spaces to the end of a column.
    private static string[] Lines(string text) => [.. Color().Replace(text, "").TrimEnd().Split('\n').Select(line => line.TrimEnd())];

    [GeneratedRegex(@"^```sh\n(?<commands>.*?)^```\n(?:\s*^```(?:text)?\n(?<printed>.*?)^```$)?", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Shell();

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Color();
}
