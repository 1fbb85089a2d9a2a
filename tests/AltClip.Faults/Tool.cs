using System.Diagnostics;

namespace AltClip.Faults;

/// <summary>Starts <c>altclip</c>.</summary>
internal sealed class Tool(string assembly)
{
    /// <summary>Starts it, perhaps under another program.</summary>
    /// <param name="under">The other program with its arguments; empty for none.</param>
    /// <param name="environment">Variables that it gets.</param>
    /// <param name="arguments">Its own arguments.</param>
    public ToolProcess Start(IReadOnlyList<string> under, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments)
    {
        string[] line = [.. under, "dotnet", assembly, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public ToolResult Run(IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments, IReadOnlyList<string>? under = null)
    {
        using var process = Start(under ?? [], environment, arguments);
        return process.Wait();
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Code">The exit code; 137 where it was killed.</param>
/// <param name="Text">What it wrote to both of its outputs.</param>
/// <param name="Processor">The processor time that it took; zero where it isn't known.</param>
internal sealed record ToolResult(int Code, string Text, TimeSpan Processor)
{
    private const int Killed = 128 + 9;

    public bool WasKilled => Code == Killed;
}
