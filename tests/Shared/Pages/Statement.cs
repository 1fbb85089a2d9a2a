using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace AltClip.Tests;

/// <summary>A sentence or a row of a table with numbers, as pages have it.</summary>
/// <param name="text">The text, on one line, with <c>{}</c> for each number.</param>
/// <param name="numbers">What the numbers must be, where the text stands; of null it is only known that it is the same everywhere.</param>
internal sealed partial class Statement(string text, params object?[] numbers)
{
    private readonly Regex _pattern = new(Regex.Escape(text).Replace(@"\{}", @"(?<number>\d(?:[\d.,]*\d)?)"));

    /// <summary>Fails where a page says another number, or none says the text.</summary>
    public void AssertHolds()
    {
        var expected = numbers.Select(number => Convert.ToString(number, CultureInfo.InvariantCulture)).ToArray();
        var found = 0;
        foreach (var page in Repository.Files(".md").Where(page => page != "CHANGELOG.md"))
        {
            foreach (Match match in _pattern.Matches(Line().Replace(File.ReadAllText(Repository.Path(page)), " ")))
            {
                var said = match.Groups["number"].Captures.Select(number => number.Value.Replace(",", "")).ToArray();
                for (var i = 0; i < expected.Length; i++) if (numbers[i] is null && found == 0) expected[i] = said[i];
                Assert.True(expected.SequenceEqual(said), $"{page} says '{match.Value}'; expected {string.Join(", ", expected)}.");
                found++;
            }
        }
        Assert.True(found > (numbers.Contains(null) ? 1 : 0), $"No page, or only one of several, says '{text}'.");
    }

    public override string ToString() => text;

    /// <summary>The end of a line, and what begins the next in a quotation.</summary>
    [GeneratedRegex(@"\s*\n(?:> ?)?")]
    private static partial Regex Line();
}
