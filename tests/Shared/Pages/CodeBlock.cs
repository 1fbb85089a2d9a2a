using System.Text.RegularExpressions;

namespace AltClip.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Line">The line of its fence, from 1.</param>
/// <param name="Text">What is in it.</param>
/// <param name="Given">Code from the comments above it, which runs before it.</param>
/// <param name="CompileOnly">Why it can't run here; null if it can.</param>
/// <param name="NotRun">What the lines have that can't run here; an empty text is in all.</param>
/// <param name="Continues">Whether it goes on where the block before it ended.</param>
/// <param name="Prints">What it must have printed in the end, if the page says so.</param>
internal sealed partial record CodeBlock(
    string Language, int Line, string Text, string Given, string? CompileOnly, IReadOnlyList<string> NotRun, bool Continues, string? Prints)
{
    public bool IsShell => Language is "sh" or "bash";

    /// <summary>The commands in it, without comments.</summary>
    public IEnumerable<string> Commands => Text.Replace("\\\n", " ").Split('\n').Select(line => Comment().Replace(line, "")).Where(line => line.Length > 0);

    /// <summary>Whether a comment above says why a command can't run here.</summary>
    public bool Excuses(string command) => NotRun.Any(command.Contains);

    [GeneratedRegex(@"(^|\s+)# .*$")]
    private static partial Regex Comment();
}
