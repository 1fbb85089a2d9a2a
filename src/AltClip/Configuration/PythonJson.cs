using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Configuration;

/// <summary>
/// JSON as Python's <c>json</c> reads it: with <c>NaN</c> and <c>Infinity</c>, half surrogates, and keys that are there twice, of which the
/// last counts.
/// </summary>
internal static class PythonJson
{
    private static readonly string[] Words = ["NaN", "-Infinity", "Infinity"];

    /// <summary>Parses a text. What is no number has no place in a configuration, and is null here.</summary>
    /// <exception cref="JsonException">It is no JSON for Python either.</exception>
    public static JsonNode? Parse(string json)
    {
        using var document = JsonDocument.Parse(ToStandard(json));
        return Node(document.RootElement);
    }

    private static JsonNode? Node(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var node = new JsonObject();
                foreach (var property in element.EnumerateObject()) node[property.Name] = Node(property.Value);
                return node;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Node)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    private static string ToStandard(string json)
    {
        var standard = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length;)
        {
            if (json[i] == '"') i = CopyText(json, i, standard);
            else if (Words.FirstOrDefault(word => json.AsSpan(i).StartsWith(word)) is { } word)
            {
                standard.Append("null");
                i += word.Length;
            }
            else standard.Append(json[i++]);
        }
        return standard.ToString();
    }

    /// <summary>Copies a text in quotes, in which an escaped half of a surrogate pair becomes U+FFFD.</summary>
    /// <returns>Where it ends.</returns>
    private static int CopyText(string json, int start, StringBuilder standard)
    {
        standard.Append('"');
        var i = start + 1;
        while (i < json.Length && json[i] != '"')
        {
            if (json[i] != '\\' || i + 1 == json.Length)
            {
                standard.Append(json[i++]);
                continue;
            }
            var isPair = Unit(json, i) is { } high && char.IsHighSurrogate(high) && Unit(json, i + 6) is { } low && char.IsLowSurrogate(low);
            var length = isPair ? 12 : Unit(json, i) is null ? 2 : 6;
            var isHalf = !isPair && Unit(json, i) is { } half && char.IsSurrogate(half);
            standard.Append(isHalf ? "\\ufffd" : json.AsSpan(i, length));
            i += length;
        }
        if (i < json.Length) standard.Append('"');
        return i + 1;
    }

    /// <summary>The UTF-16 unit that is escaped there; null where none is.</summary>
    private static char? Unit(string json, int at) =>
        json.AsSpan(Math.Min(at, json.Length)).StartsWith("\\u") && at + 6 <= json.Length
        && ushort.TryParse(json.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit) ? (char)unit : null;
}
