using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Configuration;

/// <summary>Ids of tokens, none as null. Of the several that generation may stop at, the first is an encoder's.</summary>
internal sealed class TokenId : JsonConverter<int?>
{
    public override bool HandleNull => true;

    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return WholeNumber.Read(ref reader);
        int? first = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var id = WholeNumber.Read(ref reader);
            first ??= id;
        }
        return first;
    }

    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options)
    {
        if (value is { } id) writer.WriteNumberValue(id);
        else writer.WriteNullValue();
    }
}
