using System.Diagnostics;

namespace AltClip.Benchmarks;

/// <summary>This program in a process of its own.</summary>
internal static class ChildProcess
{
    /// <summary>Waits for its end.</summary>
    /// <returns>The last line that it prints.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string Run(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (Effort.IsQuick) start.ArgumentList.Add(Effort.QuickOption);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The process for {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }
}
