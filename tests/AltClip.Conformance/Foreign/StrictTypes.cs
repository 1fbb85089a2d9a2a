using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Conformance;

/// <summary>What transformers 5.23 lets each field of a <c>config.json</c> be; it refuses the folder where one differs.</summary>
/// <param name="path">The file that says so: <c>strict-types.json</c>.</param>
internal sealed class StrictTypes(string path)
{
    private readonly JsonNode _types = JsonNode.Parse(File.ReadAllText(path))!;

    /// <summary>The fields that may not be what they are.</summary>
    public List<string> Broken(string json)
    {
        var config = JsonNode.Parse(json)!.AsObject();
        return (string)config["model_type"]! switch
        {
            AltCLIPTextConfig.Type => Broken("AltCLIPTextConfig", config),
            AltCLIPVisionConfig.Type => Broken("AltCLIPVisionConfig", config),
            _ =>
            [
                .. Broken("AltCLIPConfig", config), .. Broken("AltCLIPTextConfig", config["text_config"]!.AsObject()),
                .. Broken("AltCLIPVisionConfig", config["vision_config"]!.AsObject()),
            ],
        };
    }

    /// <summary>What a value is, in the words of the file: 1 is an integer and 1.0 is not.</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.ToJsonString().AsSpan().IndexOfAny(".eE") < 0 ? "integer" : "number with a point or an exponent",
        { } kind => kind.ToString().ToLowerInvariant(),
    };

    private List<string> Broken(string type, JsonObject config)
    {
        var allowed = _types[type]!.AsObject();
        return
        [
            .. config.Where(field => allowed[field.Key] is JsonArray types && types.All(one => (string)one! != TypeOf(field.Value)))
                .Select(field => $"{type}.{field.Key} is {field.Value?.ToJsonString() ?? "null"}; expected {allowed[field.Key]!.ToJsonString()}"),
        ];
    }
}
