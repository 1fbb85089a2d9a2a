using System.Globalization;
using System.Net;

namespace AltClip.Shared.Notebooks;

/// <summary>Writes HTML.</summary>
/// <param name="writer">Where it goes.</param>
internal sealed class HtmlWriter(TextWriter writer)
{
    /// <summary>
    /// The colour behind text, to which a place adds how opaque it is: at 0.35 at most, black text on white and white text on black stay
    /// readable.
    /// </summary>
    public const string Fill = "64,128,255";

    /// <summary>Writes markup. What stands in the braces is text, and is encoded.</summary>
    /// <param name="html">Such as <c>$"&lt;b&gt;{name}&lt;/b&gt;"</c>.</param>
    public void Write(FormattableString html) => writer.Write(html.ToString(Encoder.Instance));

    private sealed class Encoder : IFormatProvider, ICustomFormatter
    {
        public static readonly Encoder Instance = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => WebUtility.HtmlEncode(
            arg is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : arg?.ToString() ?? "");
    }
}
