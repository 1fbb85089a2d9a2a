using System.Text.Json;
using System.Text.Json.Serialization;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>Activation functions by transformers' names: <c>gelu_new</c>.</summary>
internal sealed class ActivationFunctionConverter : JsonConverter<ActivationFunction>
{
    private static readonly Dictionary<string, ActivationFunction> Functions =
        Enum.GetValues<ActivationFunction>().ToDictionary(function => JsonNamingPolicy.SnakeCaseLower.ConvertName(function.ToString()));

    // The same functions by other names: rounding is all that differs.
    private static readonly Dictionary<string, ActivationFunction> Aliases = new()
    {
        ["swish"] = ActivationFunction.Silu,
        ["gelu_python"] = ActivationFunction.Gelu,
        ["gelu_fast"] = ActivationFunction.GeluNew,
        ["gelu_accurate"] = ActivationFunction.GeluNew,
    };

    public override bool HandleNull => true;

    public override ActivationFunction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.TokenType == JsonTokenType.String ? reader.GetString()! : $"a {reader.TokenType}";
        return Functions.TryGetValue(name, out var function) || Aliases.TryGetValue(name, out function)
            ? function
            : throw new JsonException($"found {Listing.Cut(name)}; expected one of {string.Join(", ", Functions.Keys.Concat(Aliases.Keys))}.");
    }

    public override void Write(Utf8JsonWriter writer, ActivationFunction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}
