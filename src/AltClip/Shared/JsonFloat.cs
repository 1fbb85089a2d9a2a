using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AltClip.Shared;

/// <summary>
/// Writes floating-point numbers so that Python reads them as such: <c>1.0</c>, where System.Text.Json writes <c>1</c>, which
/// transformers 5 refuses in the place of a float.
/// </summary>
internal sealed class JsonFloat : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => Write(writer, value);

    /// <exception cref="ArgumentException">The number is not finite; JSON has no word for it.</exception>
    public static void Write(Utf8JsonWriter writer, double value) => writer.WriteRawValue(Text(value), skipInputValidation: true);

    /// <inheritdoc cref="Write(Utf8JsonWriter, double)"/>
    public static JsonNode Node(double value) => JsonNode.Parse(Text(value))!;

    private static string Text(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentException($"The number {value.ToString(CultureInfo.InvariantCulture)} can't be written as JSON; expected a finite one.", nameof(value));
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
