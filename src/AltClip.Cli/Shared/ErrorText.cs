using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary>What an exception says to those who know no parameters.</summary>
internal static partial class ErrorText
{
    public static string Of(Exception error) => error is ArgumentException ? Programmers().Replace(error.Message, "").Trim() : error.Message;

    // As .NET adds them to an ArgumentException, in this order.
    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)(\r?\nActual value was .*)?", RegexOptions.Singleline)]
    private static partial Regex Programmers();
}
