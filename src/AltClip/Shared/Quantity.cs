using System.Globalization;

namespace AltClip.Shared;

/// <summary>How many there are of something, in messages.</summary>
internal static class Quantity
{
    /// <summary>The number and the noun: <c>1 picture</c>, <c>1,200 pictures</c>.</summary>
    public static string Of(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
