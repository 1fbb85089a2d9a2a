using System.Globalization;
using System.Text.RegularExpressions;

namespace AltClip.Tests;

/// <summary>Compares what a program printed with what a page says.</summary>
internal static partial class Outputs
{
    /// <summary>Whether two outputs are the same, but for times, and for numbers that training on another kind of processor may change.</summary>
    public static bool AreAlike(string expected, string actual)
    {
        (expected, actual) = (Normalized(expected), Normalized(actual));
        return Number().Replace(expected, "#") == Number().Replace(actual, "#")
            && Number().Matches(expected).Zip(Number().Matches(actual)).All(pair => Math.Abs(Parse(pair.First) - Parse(pair.Second)) <= Math.Max(0.1001, 0.12 * Parse(pair.First)));
    }

    private static string Normalized(string output) => Time().Replace(output.ReplaceLineEndings("\n").Trim(), ":");

    private static double Parse(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b\d+:\d\d\b")]
    private static partial Regex Time();
}
