using System.Text.Json;

namespace AltClip.Shared;

/// <summary>Members of JSON objects of which it is known what they have to be; what is another is named with what was found and expected.</summary>
internal static class JsonMembers
{
    /// <summary>A member that has to be there.</summary>
    /// <exception cref="JsonException">It isn't, or the value is no object.</exception>
    public static JsonElement Member(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new JsonException($"found {Shown(value)}; expected an object with '{name}'.");
        return value.TryGetProperty(name, out var member) ? member : throw new JsonException($"'{name}' is missing in {Shown(value)}.");
    }

    /// <exception cref="JsonException">The member is missing or no text.</exception>
    public static string Text(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString()! : throw Wrong(value, name, "text");

    /// <exception cref="JsonException">The member is missing or no whole number of 32 bits.</exception>
    public static int Int(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt32(out var number) ? number : throw Wrong(value, name, "a whole number");

    /// <exception cref="JsonException">The member is missing or no number.</exception>
    public static double Number(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Number } member ? member.GetDouble() : throw Wrong(value, name, "a number");

    /// <exception cref="JsonException">The member is missing or neither true nor false.</exception>
    public static bool Boolean(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } member ? member.GetBoolean() : throw Wrong(value, name, "true or false");

    /// <exception cref="JsonException">The member is missing or no array.</exception>
    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray() : throw Wrong(value, name, "an array");

    /// <summary>Reads a member, and names it where that fails without saying so.</summary>
    /// <exception cref="JsonException">What is wrong, with the member's name.</exception>
    public static T Named<T>(string member, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is AltClipException or JsonException or InvalidOperationException or FormatException && !e.Message.Contains(member, StringComparison.Ordinal))
        {
            throw new JsonException($"{member}: {e.Message}", e);
        }
    }

    private static JsonException Wrong(JsonElement value, string name, string expected) => new($"'{name}' is {Shown(value.Member(name))}; expected {expected}.");

    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? "nothing" : Listing.Cut(value.GetRawText());
}
