using System.Globalization;
using System.Text.RegularExpressions;

namespace AltClip.Checkpoints;

/// <summary>The most bytes of one weights file, as people write it.</summary>
public static partial class ShardSize
{
    /// <summary>A size in bytes from a number and a unit: <c>"5GB"</c> and <c>"200 MB"</c> in powers of 1000, <c>"4GiB"</c> in powers of 1024.</summary>
    /// <param name="text">The number and its unit.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FormatException">The text is neither, or no more than zero bytes.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Pattern().Match(text.Trim());
        if (match.Success && decimal.TryParse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture, out decimal number))
        {
            int power = "KMGT".IndexOf(match.Groups["unit"].Value.ToUpperInvariant(), StringComparison.Ordinal) + 1;
            decimal bytes = number;
            for (int i = 0; i < power && bytes <= long.MaxValue; i++)
                bytes *= match.Groups["binary"].Length > 0 ? 1024 : 1000;

            if (bytes is >= 1 and <= long.MaxValue)
                return (long)bytes;
        }

        throw new FormatException($"The size is '{text}'; expected a number above zero and a unit, such as 5GB, 200MB or 4GiB.");
    }

    [GeneratedRegex(@"^(?<number>\d+(\.\d+)?) ?(?<unit>[KMGT])(?<binary>i?)B\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
