using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Fuzz.Mutation;

/// <summary>Changes, removes, doubles and exchanges values of a JSON text.</summary>
internal static class JsonMutator
{
    // What System.Text.Json would not write is put in by its place.
    private const string Mark = "\u0001mark";

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "7", "1.5", "1e400", "-1e-400", "1e9", "16000", "100000000", "2147483647", "2147483648", "4294967297",
        "4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551616", "NaN", "Infinity", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"",
        "[]", "{}", "[0]", "[[]]", "[null]", "{\"\":null}", "{\"type\":\"Sequence\"}", "[0,4611686018427387904,4611686018427387904]", "[4294967296,4294967296]",
    ];

    public static byte[] Mutate(byte[] content, Random random)
    {
        try
        {
            if (JsonNode.Parse(content) is not { } root) return "{}"u8.ToArray();
            var raw = Change(root, random);
            return Encoding.UTF8.GetBytes(root.ToJsonString().Replace(JsonSerializer.Serialize(Mark), raw, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, a name that is there twice, or text that is no Unicode: an earlier change made it so.
            return BytesMutator.Mutate(content, random);
        }
    }

    /// <summary>Changes a node; what stands in the place of the mark.</summary>
    private static string Change(JsonNode root, Random random)
    {
        var node = Walk(root, random);
        switch (node, random.Next(6))
        {
            case (JsonObject { Count: > 0 } parent, 0):
                parent.Remove(parent.ElementAt(random.Next(parent.Count)).Key);
                return "";
            case (JsonObject parent, 1):
                parent[$"added{random.Next(3)}"] = Mark;
                break;
            case (JsonArray { Count: > 0 } list, 0):
                list.RemoveAt(random.Next(list.Count));
                return "";
            case (JsonArray { Count: > 0 } list, 1):
                var copies = list[random.Next(list.Count)];
                for (var i = random.Next(1, 200); i > 0; i--) list.Add(copies?.DeepClone());
                return "";
            case (JsonArray list, 2):
                list.Insert(random.Next(list.Count + 1), Mark);
                break;
            case (JsonObject { Count: > 1 } parent, 2):
                var from = parent.ElementAt(random.Next(parent.Count));
                parent[parent.ElementAt(random.Next(parent.Count)).Key] = from.Value?.DeepClone();
                return "";
            case (JsonObject { Count: > 0 } parent, _):
                parent[parent.ElementAt(random.Next(parent.Count)).Key] = Mark;
                break;
            case (JsonArray { Count: > 0 } list, _):
                list[random.Next(list.Count)] = Mark;
                break;
        }
        return Value(random);
    }

    private static string Value(Random random) => random.Next(20) switch
    {
        0 => JsonSerializer.Serialize(new string((char)random.Next('a', 'z'), random.Next(1, 200_000))),
        1 => new string('[', random.Next(2, 200)) is var open ? open + new string(']', open.Length) : "",
        2 => JsonSerializer.Serialize(new string('\u0301', random.Next(1, 5000))),
        3 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => random.Next(-5, 70_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Values[random.Next(Values.Length)],
    };

    /// <summary>An object or list somewhere below, or the root.</summary>
    private static JsonNode Walk(JsonNode node, Random random)
    {
        while (true)
        {
            JsonNode[] inner =
            [
                .. (node is JsonObject parent ? parent.Select(entry => entry.Value) : node is JsonArray list ? list.Take(2000) : [])
                    .Where(child => child is JsonObject or JsonArray).Select(child => child!),
            ];
            if (inner.Length == 0 || random.Next(3) == 0) return node;
            node = inner[random.Next(inner.Length)];
        }
    }
}
