namespace AltClip.Cli;

/// <summary>The command line asks for something that can't be; the message names the option. What the parser itself sees needs no exception.</summary>
internal sealed class UsageException(string message) : Exception(message);
