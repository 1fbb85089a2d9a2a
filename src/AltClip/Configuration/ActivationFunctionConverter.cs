using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Configuration;

/// <summary>Activation functions by transformers' names: <c>gelu_new</c>.</summary>
internal sealed class ActivationFunctionConverter : JsonConverter<ActivationFunction>
{
    private static readonly Dictionary<string, ActivationFunction> Functions =
        Enum.GetValues<ActivationFunction>().ToDictionary(function => JsonNamingPolicy.SnakeCaseLower.ConvertName(function.ToString()));

    public override bool HandleNull => true;

    public override ActivationFunction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.TokenType == JsonTokenType.String ? reader.GetString()! : $"a {reader.TokenType}";
        return Functions.TryGetValue(name, out var function)
            ? function
            : throw new JsonException($"found {name}; expected one of {string.Join(", ", Functions.Keys)}.");
    }

    public override void Write(Utf8JsonWriter writer, ActivationFunction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}
