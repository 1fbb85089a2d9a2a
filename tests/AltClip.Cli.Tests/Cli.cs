using System.Text.Json.Nodes;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Runs the command in this process, which takes no time to start.</summary>
internal static class Cli
{
    /// <summary>Runs a command.</summary>
    /// <param name="arguments">What is typed after <c>altclip</c>.</param>
    /// <returns>The exit code and what was written to both sides.</returns>
    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync(new StringWriter(), CancellationToken.None, arguments);

    /// <summary>Runs a command as in a terminal of a width.</summary>
    public static async Task<CliResult> RunAsync(int width, params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var console = new CliConsole(output, errors);
        console.Results.Profile.Width = console.Messages.Profile.Width = width;
        return Result(await CommandLine.RunAsync(arguments, console, CancellationToken.None), output, errors);
    }

    /// <summary>Runs a command whose messages a test reads while it is under way.</summary>
    public static async Task<CliResult> RunAsync(StringWriter errors, CancellationToken cancellationToken, params string[] arguments)
    {
        var output = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new CliConsole(output, errors), cancellationToken);
        return Result(code, output, errors);
    }

    // Whatever a test is about, no message may speak to programmers.
    private static CliResult Result(ExitCode code, StringWriter output, StringWriter errors)
    {
        var result = new CliResult(code, output.ToString(), errors.ToString());
        var leaked = LibraryNames.In(result.Errors);
        Assert.True(leaked.Count == 0, $"{string.Join(' ', leaked)} in: {result.Errors}");
        Assert.DoesNotMatch(LibraryNames.Sentences(), result.Output + result.Errors);
        return result;
    }
}

/// <summary>What a command did.</summary>
internal sealed record CliResult(ExitCode Code, string Output, string Errors)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>The JSON, if the command succeeded.</summary>
    public JsonNode Done()
    {
        Assert.True(Code == ExitCode.Done, Errors);
        return Json;
    }
}
