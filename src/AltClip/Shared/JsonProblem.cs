using System.Globalization;
using System.Text.RegularExpressions;

namespace AltClip.Shared;

/// <summary>What is wrong with JSON, without what .NET adds to it: the place is said once, and as editors count it.</summary>
internal static partial class JsonProblem
{
    /// <summary>The sentence with its place in a file.</summary>
    public static string InFile(string message) => Place().Replace(message, place => $" (line {OneMore(place, "line")}, column {OneMore(place, "column")})");

    /// <summary>The sentence of JSON that is a line of a file, whose number is said beside it.</summary>
    public static string InLine(string message) => Place().Replace(message, place => $" (column {OneMore(place, "column")})");

    private static string OneMore(Match place, string group) => (long.Parse(place.Groups[group].ValueSpan, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\.?( Path: [^|]* \|)? LineNumber: (?<line>\d{1,18}) \| BytePositionInLine: (?<column>\d{1,18})")]
    private static partial Regex Place();
}
