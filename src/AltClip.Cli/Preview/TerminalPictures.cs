using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary>Finds out how this terminal is shown pictures: by the variables of those that set some, and by asking the others.</summary>
internal static partial class TerminalPictures
{
    private const string AskAttributes = "\e[c";

    // Of the attributes that a terminal answers (DA1): it shows sixels.
    private const string SixelAttribute = "4";

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>How the terminal is shown pictures.</summary>
    /// <param name="variable">Gives a variable of the environment.</param>
    /// <param name="ask">Asks the terminal, and gives its answer; null without one.</param>
    public static PictureProtocol Find(Func<string, string?> variable, Func<string, string?> ask)
    {
        // What runs between the terminal and this process lets through what it knows itself.
        var isDirect = variable("TMUX") is null && variable("STY") is null;
        if (isDirect && variable("KITTY_WINDOW_ID") is not null) return PictureProtocol.Kitty;
        if (isDirect && variable("TERM") is "xterm-kitty" or "xterm-ghostty") return PictureProtocol.Kitty;
        if (isDirect && (variable("KONSOLE_VERSION") is not null || variable("TERM_PROGRAM") == "ghostty")) return PictureProtocol.Kitty;
        if (isDirect && (variable("TERM_PROGRAM") is "iTerm.app" or "WezTerm" or "mintty" || variable("LC_TERMINAL") == "iTerm2")) return PictureProtocol.Iterm2;
        return ask(AskAttributes) is { } answer && Attributes().Match(answer) is { Success: true } found
            && found.Groups["all"].Value.Split(';').Contains(SixelAttribute) ? PictureProtocol.Sixel : PictureProtocol.Blocks;
    }

    /// <summary>Asks the process's terminal.</summary>
    public static string? Ask(string question)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected) return null;
        var answer = new StringBuilder();
        var time = Stopwatch.StartNew();
        Console.Out.Write(question);
        Console.Out.Flush();
        while (time.Elapsed < Patience)
        {
            if (!Console.KeyAvailable)
            {
                Thread.Sleep(5);
                continue;
            }
            answer.Append(Console.ReadKey(intercept: true).KeyChar);
            if (answer[^1] == 'c') break;
        }
        return answer.ToString();
    }

    [GeneratedRegex(@"\?(?<all>[0-9;]+)c")]
    private static partial Regex Attributes();
}
