using System.Text.Json.Serialization;

namespace AltClip;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(JsonFloat)],
    WriteIndented = true)]
[JsonSerializable(typeof(AltCLIPConfig))]
[JsonSerializable(typeof(AltCLIPTextConfig))]
[JsonSerializable(typeof(AltCLIPVisionConfig))]
[JsonSerializable(typeof(CLIPTextConfig))]
internal sealed partial class ConfigJsonContext : JsonSerializerContext;
