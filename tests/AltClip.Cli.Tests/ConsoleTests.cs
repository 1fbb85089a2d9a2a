using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.RegularExpressions;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What pages give to be typed works, and prints what they say.</summary>
public sealed partial class ConsoleTests
{
    private const string FromSource = "dotnet run -c Release --project src/AltClip.Cli --";

    /// <summary>The programs that other tests run, and which.</summary>
    private static readonly Dictionary<string, string> RunElsewhere = new()
    {
        ["benchmarks/AltClip.Benchmarks"] = "BenchmarkCommandsTests, as short as each goes",
        ["samples/OnnxRuntime"] = "AltClip.Onnx.Tests.SampleTests",
        ["samples/ImageSearch"] = "AltClip.Search.Tests, which start it and ask its page",
        ["tests/AltClip.Conformance"] = "AltClip.Tests.ReferenceTests, which run its groups",
    };

    /// <summary>What programs printed that several pages give: some take half a minute.</summary>
    private static readonly Dictionary<string, string> Printed = [];

    public static TheoryData<string> Pages => [.. Repository.Files(".md").Where(name => MarkdownPage.Read(name).Blocks.Any(block => block.IsShell))];

    public static TheoryData<string> Samples => [.. Directory.GetFiles(Repository.Path("samples"), "Program.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Folder, file).Replace('\\', '/')).Where(file => Typed().IsMatch(File.ReadAllText(Repository.Path(file))))];

    /// <summary>
    /// Every command is run in a folder that has what pages name. Where it can't be, as without a network or in less than hours, a comment above its block says
    /// why; what it asks of the tool is understood then at least.
    /// </summary>
    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Pages))]
    public async Task CommandsDoWhatThePageSays(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are for a Unix shell.");
        using var desk = new Desk();
        desk.AddRepository();
        foreach (var block in MarkdownPage.Read(name).Blocks.Where(block => block.IsShell))
        {
            var output = "";
            foreach (var command in block.Given.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await RunAsync(null, command, $"{name}:{block.Line}: {command}");
            foreach (var command in block.Commands) output += await RunAsync(block, command, $"{name}:{block.Line}: {command}");
            if (block.Prints is not { } printed || output.Length == 0) continue;
            if (block.Commands.All(IsOfTool)) Assert.Equal(printed.Split('\n'), Plain(output));
            else Assert.True(Outputs.AreAlike(printed, output), $"{name}:{block.Line} printed\n{output}");
        }
    }

    /// <summary>What is shown of the tool where it isn't run: of whole commands all is understood, and of those within sentences the command and its options.</summary>
    [Fact]
    public void WhatIsSaidOfTheToolIsUnderstood()
    {
        foreach (var page in Repository.Files(".md").Select(MarkdownPage.Read))
        {
            Assert.All(Calls(page.Blocks.Where(block => block.Language == "text").SelectMany(block => block.Commands)), call => Assert.True(IsUnderstood(call, out var errors), $"{page.Name}: {call}\n{errors}"));
            Assert.All(Calls(Quoted().Matches(page.Prose).Select(match => match.Groups["code"].Value)), call =>
            {
                Command command = CommandLine.Create(CliConsole.Process);
                foreach (var word in ArgumentsOfTool(call))
                {
                    if (command.Subcommands.SingleOrDefault(child => child.Name == word) is { } child) command = child;
                    else if (word.StartsWith("--", StringComparison.Ordinal)) Assert.True(OptionsOf(command).Contains(word), $"{page.Name}: {call}: {command.Name} has no {word}.");
                    else Assert.True(command.Arguments.Count > 0 || command.Options.Count > 0, $"{page.Name}: {call}: there is no {word}.");
                }
            });
        }
    }

    /// <summary>The pages about the tool name no option that isn't there.</summary>
    [Theory]
    [InlineData("docs/cli.md")]
    [InlineData("docs/scale-out.md")]
    [InlineData("src/AltClip.Cli/README.md")]
    public void OptionsAreThere(string name)
    {
        string[] ofOthers = ["--project", "--no-python"];
        var known = AllCommands(CommandLine.Create(CliConsole.Process)).SelectMany(OptionsOf).ToHashSet();
        var named = Quoted().Matches(MarkdownPage.Read(name).Prose).SelectMany(match => LongOption().Matches(match.Groups["code"].Value)).Select(match => match.Value).Distinct().Except(ofOthers).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, option => Assert.Contains(option, known));
    }

    [Fact]
    public void ThePageHasEveryCommand()
    {
        var rows = Row().Matches(File.ReadAllText(Repository.Path("docs", "cli.md"))).Select(match => match.Groups["command"].Value);
        Assert.Equal(CommandLine.Create(CliConsole.Process).Subcommands.Select(command => command.Name).Order(), rows.Order());
    }

    /// <summary>The first lines of samples say how to run them.</summary>
    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Samples))]
    public async Task SamplesRunAsTheySay(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are for a Unix shell.");
        using var desk = new Desk();
        desk.AddRepository();
        // What the page beside gives too may have a comment there that says why it isn't run.
        var page = Path.Combine(Path.GetDirectoryName(name)!, "README.md");
        var blocks = File.Exists(Repository.Path(page)) ? MarkdownPage.Read(page).Blocks : [];
        foreach (var command in Typed().Matches(File.ReadAllText(Repository.Path(name))).Select(match => match.Groups["command"].Value))
            await RunAsync(blocks.FirstOrDefault(block => block.Commands.Contains(command)), command, $"{name}: {command}");
    }

    [Theory]
    [InlineData("make install", "no test runs")]
    [InlineData("dotnet run -c Release --project samples/EmojiClip -- train", "no test runs")]
    [InlineData("altclip classify --no-such-option", "--no-such-option")]
    public async Task WhatIsNotRunIsNoticed(string command, string message)
    {
        var block = Assert.Single(MarkdownPage.Parse("page.md", $"```sh\n{command}\n```\n").Blocks);
        Assert.Contains(message, (await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RunAsync(block, command, command))).Message);
        block = Assert.Single(MarkdownPage.Parse("page.md", $"<!-- not run \"{command}\": there is none -->\n```sh\n{command}\n```\n").Blocks);
        if (command.StartsWith(CliConsole.ToolName, StringComparison.Ordinal)) await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RunAsync(block, command, command));
        else Assert.Empty(await RunAsync(block, command, command));
    }

    /// <summary>Runs a line, if it isn't what other tests are for.</summary>
    /// <returns>What it printed.</returns>
    private static async Task<string> RunAsync(CodeBlock? block, string command, string where)
    {
        if (IsOfTool(command))
        {
            Assert.True(IsUnderstood(command, out var errors), $"{where}\n{errors}");
            if (block?.Excuses(command) == true) return "";
            var result = await Cli.RunAsync(ArgumentsOfTool(command));
            Assert.True(result.Code == ExitCode.Done, $"{where}\n{result.Errors}");
            Assert.NotEmpty(result.Output + result.Errors);
            return result.Output;
        }
        var program = Program().Match(command);
        var project = program.Groups["project"].Value;
        if (block?.Excuses(command) == true || RunElsewhere.ContainsKey(project) || SetsUp().IsMatch(command)) return "";
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, $"{Path.GetFileName(project)}.dll")))
        {
            if (!Printed.TryGetValue(command, out var printed))
                Printed[command] = printed = await ProgramProcess.RunAsync(Path.GetFileName(project), CommandLineParser.SplitCommandLine(program.Groups["arguments"].Value));
            return printed;
        }
        Assert.True(PreparesFiles().IsMatch(command), $"{where}\nno test runs this, and no comment above the block says why not.");
        using var shell = Process.Start("/bin/sh", ["-c", command]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, where);
        return "";
    }

    private static bool IsOfTool(string command) =>
        command.StartsWith(CliConsole.ToolName + " ", StringComparison.Ordinal) || command.StartsWith(FromSource, StringComparison.Ordinal);

    private static string[] ArgumentsOfTool(string command) => [.. CommandLineParser.SplitCommandLine(command.Replace(FromSource, CliConsole.ToolName)).Skip(1)];

    private static IEnumerable<string> Calls(IEnumerable<string> code) => code.Select(line => Call().Match(line)).Where(call => call.Success).Select(call => call.Value.Trim());

    private static IEnumerable<string> OptionsOf(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Append("--help");

    private static IEnumerable<Command> AllCommands(Command command) => command.Subcommands.SelectMany(AllCommands).Prepend(command);

    private static bool IsUnderstood(string command, out string errors)
    {
        var parsed = CommandLine.Create(CliConsole.Process).Parse(ArgumentsOfTool(command), new() { ResponseFileTokenReplacer = null });
        errors = string.Join('\n', UsageErrors.Of(parsed));
        return errors.Length == 0;
    }

    // As a page shows it: without colours, nor spaces to the end of a column.
    private static IEnumerable<string> Plain(string text) => Color().Replace(text, "").TrimEnd().Split('\n').Select(line => line.TrimEnd());

    [GeneratedRegex(@"^dotnet run -c Release --project (?<project>\S+)(?: -- (?<arguments>.*))?$")]
    private static partial Regex Program();

    // Packages, projects and tests: AltClip.Docs.Tests hold their names, AltClip.Extensions.Tests make and use the packages, and run files that are programs.
    [GeneratedRegex(@"^(?:dotnet (?:(?:add|remove) package|pack -c Release|nuget add source|tool install|new console|build -c Release|test -c Release|run -c Release$|run [\w-]+\.cs$)|cd |tests/run$|\.ci/\w+$)")]
    private static partial Regex SetsUp();

    [GeneratedRegex("^(?:printf|cp) ")]
    private static partial Regex PreparesFiles();

    [GeneratedRegex(@"(?:^|\s)altclip (?!…)[^|<>…]+")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z0-9-]+")]
    private static partial Regex LongOption();

    [GeneratedRegex(@"^\| \[`(?<command>[a-z]+)`\]", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^//   (?<command>dotnet run .*)$", RegexOptions.Multiline)]
    private static partial Regex Typed();

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Color();
}
