using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--preview</c>: pictures in the terminal.</summary>
internal sealed class PreviewOptions
{
    private const int DefaultRows = 12, FileColumns = 80;

    private readonly Option<bool> _preview = new("--preview") { Description = "Show the pictures in the terminal, as it can: Kitty's or iTerm2's way, as sixels, or as blocks of colour." };

    private readonly Option<string?> _as = new("--preview-as") { Description = "How pictures are shown, where the terminal isn't asked." };

    private readonly Option<int> _rows = new("--preview-rows") { Description = "How many lines high they are.", HelpName = "COUNT", DefaultValueFactory = _ => DefaultRows };

    public PreviewOptions() => _as.AcceptOnlyFromAmong("kitty", "iterm2", "sixel", "blocks");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _preview, _as, _rows }) command.Add(option);
    }

    /// <summary>What draws pictures; null if that isn't asked for.</summary>
    /// <exception cref="UsageException">The number of lines isn't possible.</exception>
    public PicturePreview? Read(ParseResult parsed, CliConsole console)
    {
        if (parsed.GetValue(_rows) is var rows && rows is < 1 or > 200) throw new UsageException($"{_rows.Name} is {rows}; expected 1 to 200.");
        var given = parsed.GetValue(_as);
        if (!parsed.GetValue(_preview) && given is null) return null;
        var isTerminal = console.Results.Profile.Out.IsTerminal;
        if (given is null && !isTerminal)
        {
            console.Note("There is no terminal to show pictures in; --preview-as writes them all the same.");
            return null;
        }
        var protocol = given is not null ? Enum.Parse<PictureProtocol>(given, ignoreCase: true)
            : TerminalPictures.Find(Environment.GetEnvironmentVariable, TerminalPictures.Ask);
        var trueColour = Environment.GetEnvironmentVariable("COLORTERM") is "truecolor" or "24bit";
        return new PicturePreview(protocol, rows, isTerminal ? console.Results.Profile.Width : FileColumns, trueColour);
    }
}
