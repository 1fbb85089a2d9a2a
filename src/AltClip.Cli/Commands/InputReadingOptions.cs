using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>embed</c> that say how inputs are read.</summary>
internal sealed class InputReadingOptions
{
    private readonly Option<bool> _texts = new("--texts") { Description = "The inputs are texts: a line, a member text or caption, or such a column each." };

    private readonly Option<string?> _root = new("--root")
    {
        Description = "What paths in lists and tables are relative to. Default: the folder of the list.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _column = new("--column", "--image-column", "--caption-column")
    {
        Description = "The member or column with pictures, paths or texts. Default: image/bytes, image, bytes, jpg, path, text, caption and the like.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _idColumn = new("--id-column")
    {
        Description = "The member or column with ids. Default: id or key, else the path or the place in the file.",
        HelpName = "NAME",
    };

    private readonly DelimiterOption _delimiter = new();

    private readonly Option<bool> _noHeader = new("--no-header") { Description = "The first line of .csv and .tsv is an input too; columns are called 0, 1, and so on." };

    private readonly QuotesOption _noQuotes = new();

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _texts, _root, _column, _idColumn, _delimiter, _noHeader, _noQuotes }) command.Options.Add(option);
    }

    /// <summary>What was asked for.</summary>
    public InputOptions Read(ParseResult parsed) => new()
    {
        Texts = parsed.GetValue(_texts),
        Root = parsed.GetValue(_root) is { } root ? Path.GetFullPath(root) : null,
        Column = parsed.GetValue(_column),
        IdColumn = parsed.GetValue(_idColumn),
        Delimiter = _delimiter.Read(parsed),
        HasHeader = !parsed.GetValue(_noHeader),
        Quoted = !parsed.GetValue(_noQuotes),
    };
}
