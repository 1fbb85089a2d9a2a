namespace AltClip.Docs.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Line">The line of its fence, from 1.</param>
/// <param name="Text">What is in it.</param>
/// <param name="Given">Code from the comments above it, which runs before it.</param>
/// <param name="CompileOnly">Why it can't run here; null if it can.</param>
/// <param name="Continues">Whether it goes on where the block before it ended.</param>
/// <param name="Prints">What it must have printed in the end, if the page says so.</param>
internal sealed record CodeBlock(
    string Language, int Line, string Text, string Given, string? CompileOnly, bool Continues, string? Prints);
