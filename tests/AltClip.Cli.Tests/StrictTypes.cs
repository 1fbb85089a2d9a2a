using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tests;

namespace AltClip.Cli.Tests;

/// <summary>What transformers 5.23 lets each field of a <c>config.json</c> be; it refuses the folder where one differs.</summary>
internal static class StrictTypes
{
    private static readonly JsonNode Types = JsonNode.Parse(File.ReadAllText(TestData.Path("foreign", "configs", "strict-types.json")))!;

    /// <summary>The fields that may not be what they are.</summary>
    public static List<string> Broken(string json)
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

    private static List<string> Broken(string type, JsonObject config)
    {
        var allowed = Types[type]!.AsObject();
        return
        [
            .. config.Where(field => allowed[field.Key] is JsonArray types && types.All(one => (string)one! != TypeOf(field.Value)))
                .Select(field => $"{type}.{field.Key} is {field.Value?.ToJsonString() ?? "null"}; expected {allowed[field.Key]!.ToJsonString()}"),
        ];
    }
}
