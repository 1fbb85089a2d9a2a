using System.Diagnostics;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>The <c>dotnet</c> command.</summary>
internal static class Dotnet
{
    /// <summary>Runs a command, which must succeed.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static string Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Servers that stay would hold the pipes open, and this call would wait for them.
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false", ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}\n{errors.Result}");
        return output;
    }
}
