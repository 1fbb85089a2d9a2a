using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>--delimiter</c></summary>
internal sealed class DelimiterOption : Option<string?>
{
    public DelimiterOption() : base("--delimiter")
    {
        Description = "What stands between fields: a character, or tab. Default: by the file's extension.";
        HelpName = "CHARACTER";
        Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Character(text) is null)
                result.AddError($"--delimiter is '{text}'; expected one character, or tab.");
        });
    }

    /// <summary>The character; null if none was given.</summary>
    public char? Read(ParseResult parsed) => parsed.GetValue(this) is { } text ? Character(text) : null;

    private static char? Character(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var one] when one is not ('"' or '\r' or '\n') => one,
        _ => null,
    };
}
