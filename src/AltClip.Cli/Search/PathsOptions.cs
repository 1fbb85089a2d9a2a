using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--paths</c> and <c>-0</c>: nothing but paths, for other programs.</summary>
/// <param name="which">Which paths.</param>
internal sealed class PathsOptions(string which)
{
    private readonly Option<bool> _paths = new("--paths") { Description = $"Print only {which}, one a line, for other programs." };
    private readonly Option<bool> _zero = new("--print0", "-0") { Description = "The same with a zero character after each path, as xargs -0 reads them: for names of any kind." };

    public void AddTo(Command command)
    {
        command.Add(_paths);
        command.Add(_zero);
    }

    /// <summary>Whether only paths are asked for.</summary>
    public bool Any(ParseResult parsed) => parsed.GetValue(_paths) || parsed.GetValue(_zero);

    /// <summary>Writes them.</summary>
    public void Write(ParseResult parsed, CliConsole console, IEnumerable<string> ids)
    {
        var end = parsed.GetValue(_zero) ? '\0' : '\n';
        foreach (var id in ids) console.WritePath(ShownPath.Exact(id), end);
    }
}
