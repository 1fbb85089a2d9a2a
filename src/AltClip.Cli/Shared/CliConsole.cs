using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>
/// Where commands write: results to one side, and everything else (notices, progress, errors) to the other, so that results can be piped while
/// progress is on the screen.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class CliConsole(TextWriter output, TextWriter error)
{
    /// <summary>The command that users type.</summary>
    public const string ToolName = "altclip";

    private const int LeastWidth = 2;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // Texts in any language readable as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The process's own.</summary>
    public static CliConsole Process => new(Console.Out, Console.Error) { Notices = NoticeFolder.OfUser, In = Console.OpenStandardInput };

    /// <summary>Opens standard input, from which pictures and texts may come.</summary>
    public Func<Stream> In { get; init; } = () => Stream.Null;

    /// <summary>Which notices the user has read; without one, none.</summary>
    public NoticeFolder? Notices { get; init; }

    /// <summary>Results as text, whose control characters are shown.</summary>
    public TextWriter Out { get; } = new ShownWriter(output);

    /// <summary>All else as text.</summary>
    public TextWriter Error { get; } = new ShownWriter(error);

    /// <summary>
    /// Says that the command was stopped and what of it is kept; null while it has written nothing, and needn't be waited for. A command that writes sets it
    /// before it begins to. Where it says nothing, another process does.
    /// </summary>
    public Func<string>? Kept { get; set; }

    /// <summary>Results as tables and bars.</summary>
    public IAnsiConsole Results { get; } = Create(output);

    /// <summary>Progress; a terminal's live display, or plain lines.</summary>
    public IAnsiConsole Messages { get; } = Create(error);

    /// <summary>Writes a sentence of the results, on lines as wide as the terminal.</summary>
    public void Say(string sentence, Decoration decoration = Decoration.None) => Results.Write(new Sentence(sentence, new Style(decoration: decoration)));

    /// <summary>Writes a result for programs: snake case, indented.</summary>
    public void WriteJson<T>(T value) => WriteJson(JsonSerializer.Serialize(value, Json));

    /// <summary>Writes JSON that is one already.</summary>
    public void WriteJson(string json) => output.WriteLine(TerminalText.ShownJson(json));

    /// <summary>Tells the user something beside the result.</summary>
    public void Note(string message) => Tell(message, Color.Grey);

    /// <summary>Tells the user something that needs to be read once, and not by each call.</summary>
    /// <param name="name">What the notice is called, a part of a file's name.</param>
    /// <param name="message">The notice.</param>
    public void NoteOnce(string name, string message)
    {
        if (Notices?.IsNew(name) != false) Note(message);
    }

    /// <summary>Writes a path as it is, for programs; to a terminal as text.</summary>
    public void WritePath(string path, char end)
    {
        if (end == '\n') output.WriteLine(Results.Profile.Out.IsTerminal ? TerminalText.ShownName(path) : path);
        else output.Write($"{path}{end}");
    }

    /// <summary>Writes what a terminal is to obey, such as a picture.</summary>
    public void WriteSequence(string sequence) => output.Write(sequence);

    /// <summary>Tells of what there is to choose from, each with what is said of it.</summary>
    public void List(IEnumerable<(string Name, string Said)> choices) => Messages.Write(new FactList([.. choices.Select(choice => ($"  {choice.Name}", choice.Said))]));

    /// <summary>Tells of something that went wrong.</summary>
    public void Fail(string message) => Tell($"{ToolName}: {message}", Color.Red);

    private void Tell(string message, Color color)
    {
        try
        {
            Messages.Write(new Sentence(ErrorText.InWords(message), color));
        }
        catch (IOException)
        {
            // The terminal has gone away, and with it who could be told.
        }
    }

    private static IAnsiConsole Create(TextWriter writer)
    {
        var target = new AnsiConsoleOutput(writer);
        // Each side for itself: progress is to move on the screen while results go to a file.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = target,
            // Spectre.Console would go by the variable TERM alone.
            Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = target.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
        // A file has no width at which lines would have to break.
        if (!target.IsTerminal) console.Profile.Width = short.MaxValue;
        // On narrower ones, Spectre.Console looks for places to break a line at without an end.
        else if (console.Profile.Width < LeastWidth) console.Profile.Width = LeastWidth;
        console.Pipeline.Attach(new ShownText());
        return console;
    }
}
