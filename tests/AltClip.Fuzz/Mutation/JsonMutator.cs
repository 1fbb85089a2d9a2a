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

    public static Mutated Mutate(byte[] content, Random random)
    {
        try
        {
            if (JsonNode.Parse(content) is not { } root) return new("{}"u8.ToArray());
            List<string> members = [];
            var raw = Change(root, random, members);
            var text = root.ToJsonString().Replace(JsonSerializer.Serialize(Mark), raw, StringComparison.Ordinal);
            // What is no JSON, or no Unicode, has no members.
            return new(Encoding.UTF8.GetBytes(text), IsJson(raw) ? members : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, a name that is there twice, or text that is no Unicode: an earlier change made it so.
            return new(BytesMutator.Mutate(content, random));
        }
    }

    /// <summary>Changes a node; what stands in the place of the mark.</summary>
    private static string Change(JsonNode root, Random random, List<string> members)
    {
        var node = Walk(root, random, members);
        switch (node, random.Next(6))
        {
            case (JsonObject { Count: > 0 } parent, 0):
                parent.Remove(Member(parent, random, members));
                return "";
            case (JsonObject parent, 1):
                members.Add($"added{random.Next(3)}");
                parent[members[^1]] = Mark;
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
                parent[Member(parent, random, members)] = from.Value?.DeepClone();
                return "";
            case (JsonObject { Count: > 0 } parent, _):
                parent[Member(parent, random, members)] = Mark;
                break;
            case (JsonArray { Count: > 0 } list, _):
                list[random.Next(list.Count)] = Mark;
                break;
        }
        return Value(random);
    }

    private static bool IsJson(string raw)
    {
        if (raw.Length == 0) return true;
        try
        {
            using var value = JsonDocument.Parse(raw, new JsonDocumentOptions { MaxDepth = 50 });
            return value.RootElement.ValueKind != JsonValueKind.String || value.RootElement.GetString() is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Member(JsonObject parent, Random random, List<string> members)
    {
        var (name, value) = parent.ElementAt(random.Next(parent.Count));
        members.Add(name);
        // What was in it is missed then.
        if (value is JsonObject inner) members.AddRange(inner.Select(entry => entry.Key));
        return name;
    }

    private static string Value(Random random) => random.Next(20) switch
    {
        0 => JsonSerializer.Serialize(new string((char)random.Next('a', 'z'), random.Next(100) == 0 ? random.Next(1, 200_000) : random.Next(1, 2000))),
        1 => new string('[', random.Next(2, 200)) is var open ? open + new string(']', open.Length) : "",
        2 => JsonSerializer.Serialize(new string('\u0301', random.Next(1, 5000))),
        3 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => random.Next(-5, 70_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Values[random.Next(Values.Length)],
    };

    /// <summary>An object or list somewhere below, or the root, with the names on the way.</summary>
    private static JsonNode Walk(JsonNode node, Random random, List<string> members)
    {
        while (true)
        {
            (string? Name, JsonNode? Node)[] inner =
            [
                .. (node is JsonObject parent ? parent.Select(entry => ((string?)entry.Key, entry.Value)) : node is JsonArray list ? list.Take(200).Select(child => ((string?)null, child)) : [])
                    .Where(child => child.Item2 is JsonObject or JsonArray),
            ];
            if (inner.Length == 0 || random.Next(3) == 0) return node;
            var (name, next) = inner[random.Next(inner.Length)];
            if (name is not null) members.Add(name);
            node = next!;
        }
    }
}
