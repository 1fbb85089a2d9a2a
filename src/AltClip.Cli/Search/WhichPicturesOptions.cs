using System.CommandLine;
using AltClip.Search;

namespace AltClip.Cli;

/// <summary><c>--exclude</c> and <c>--include-hidden</c> of the commands that look for pictures in folders.</summary>
internal sealed class WhichPicturesOptions
{
    private readonly Option<string[]> _exclude = new("--exclude", "-x")
    {
        Description = "Files and folders to leave out: a name with * and ?, as \"*.thumb.jpg\" or node_modules, or a path from the folder on, as \"2019/raw\". May be given several times.",
        HelpName = "PATTERN",
    };

    private readonly Option<bool> _hidden = new("--include-hidden") { Description = "Hidden files and folders too." };

    public void AddTo(Command command)
    {
        command.Add(_exclude);
        command.Add(_hidden);
    }

    /// <summary>What was typed.</summary>
    /// <exception cref="UsageException">A pattern names nothing.</exception>
    public ImageIndexerOptions Read(ParseResult parsed)
    {
        var patterns = parsed.GetValue(_exclude) ?? [];
        if (patterns.Any(pattern => pattern.Trim('.', '/', '\\').Length == 0)) throw new UsageException($"A pattern of {_exclude.Name} names nothing.");
        return new() { Exclude = patterns, IncludeHidden = parsed.GetValue(_hidden) };
    }
}
