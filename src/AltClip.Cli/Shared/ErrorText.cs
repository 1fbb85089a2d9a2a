using System.Data.Common;
using System.Text.RegularExpressions;

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
        return Temporary().Replace(text, "");
    }

    [GeneratedRegex(@"^[A-Z][A-Za-z ]* Error: ")]
    private static partial Regex Category();

    // Files and folders are written beside their place under a name of their own.
    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp")]
    private static partial Regex Temporary();

    // As .NET adds them to an ArgumentException, in this order.
    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)(\r?\nActual value was .*)?", RegexOptions.Singleline)]
    private static partial Regex Programmers();
}
