using System.Diagnostics;
using Xunit;

namespace AltClip.Tests;

/// <summary>A program of this repository, which lies beside the tests, in a process of its own.</summary>
internal static class ProgramProcess
{
    /// <summary>Runs a program to its end, which has to be a good one.</summary>
    /// <param name="name">Its assembly's name.</param>
    /// <param name="arguments">What it is called with.</param>
    /// <param name="environment">Variables that it gets besides those of this process.</param>
    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> RunAsync(string name, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment)
    {
        var program = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return output;
    }
}
