using System.Text.Json;
using System.Text.Json.Serialization;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>Whole numbers, also where a program wrote them as <c>8.0</c>.</summary>
internal sealed class WholeNumber : JsonConverter<int>
{
    public override bool HandleNull => true;

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    public static int Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number) throw new JsonException($"found a {reader.TokenType}; expected a whole number.");
        if (reader.TryGetInt32(out var number)) return number;
        var value = reader.GetDouble();
        return value == Math.Truncate(value) && Math.Abs(value) <= int.MaxValue
            ? (int)value
            : throw new JsonException($"found {Listing.Cut(System.Text.Encoding.UTF8.GetString(reader.ValueSpan))}; expected a whole number of 32 bits.");
    }
}
