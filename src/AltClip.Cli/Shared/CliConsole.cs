using System.Text.Encodings.Web;
using System.Text.Json;
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

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // Texts in any language readable as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The process's own.</summary>
    public static CliConsole Process => new(Console.Out, Console.Error);

    /// <summary>Results as text.</summary>
    public TextWriter Out { get; } = output;

    /// <summary>All else as text.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Results as tables and bars.</summary>
    public IAnsiConsole Results { get; } = Create(output);

    /// <summary>Progress; a terminal's live display, or plain lines.</summary>
    public IAnsiConsole Messages { get; } = Create(error);

    /// <summary>Writes a result for programs: snake case, indented.</summary>
    public void WriteJson<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>Tells the user something beside the result.</summary>
    public void Note(string message) => Messages.MarkupLineInterpolated($"[grey]{message}[/]");

    /// <summary>Tells of something that went wrong.</summary>
    public void Fail(string message) => Messages.MarkupLineInterpolated($"[red]{CliConsole.ToolName}: {message}[/]");

    private static IAnsiConsole Create(TextWriter writer)
    {
        var target = new AnsiConsoleOutput(writer);
        // Each side for itself: progress is to move on the screen while results go to a file.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = target,
            Interactive = target.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
        // A file has no width at which lines would have to break.
        if (!target.IsTerminal) console.Profile.Width = short.MaxValue;
        return console;
    }
}
