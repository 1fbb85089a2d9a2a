using System.Data.Common;
using System.Text.RegularExpressions;
using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>What an exception says to those who know no parameters.</summary>
internal static partial class ErrorText
{
    public static string Of(Exception error)
    {
        var text = error switch
        {
            ArgumentException => Programmers().Replace(error.Message, "").Trim(),
            // Below its first line, a database shows the statement.
            DbException => Category().Replace(error.Message.Split('\n')[0], "").Trim(),
            _ => error.Message,
        };
        return InWords(text);
    }

    /// <summary>A message in which sentences of .NET, which name files as it does or count from 0, are said as the tool says them.</summary>
    public static string InWords(string message)
    {
        var text = Temporary().Replace(message, "");
        text = MissingFile().Replace(text, "There is no file $1.");
        text = MissingFolder().Replace(text, "There is no folder for $1.");
        text = Denied().Replace(text, "There is no permission to read or write $1.");
        text = NoUtf8().Replace(text, "it has bytes that are not UTF-8.");
        return JsonProblem.InFile(text);
    }

    [GeneratedRegex(@"^[A-Z][A-Za-z ]* Error: ")]
    private static partial Regex Category();

    // Files and folders are written beside their place under a name of their own.
    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp(\.lock)?")]
    private static partial Regex Temporary();

    [GeneratedRegex(@"Could not find file '([^'\n]*)'\.")]
    private static partial Regex MissingFile();

    [GeneratedRegex(@"Could not find a part of the path '([^'\n]*)'\.")]
    private static partial Regex MissingFolder();

    [GeneratedRegex(@"Access to the path '([^'\n]*)' is denied\.")]
    private static partial Regex Denied();

    [GeneratedRegex(@"Unable to translate bytes [^ ]+ at index -?\d+ from specified code page to Unicode\.")]
    private static partial Regex NoUtf8();

    // As .NET adds them to an ArgumentException, in this order.
    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)(\r?\nActual value was .*)?", RegexOptions.Singleline)]
    private static partial Regex Programmers();
}
