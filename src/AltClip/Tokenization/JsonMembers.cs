using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Takes members of a tokenizer's files, and names the one that is missing or of another kind.</summary>
internal static class JsonMembers
{
    /// <exception cref="TokenizerException">There is no such member.</exception>
    public static JsonElement Member(this JsonElement owner, string name) =>
        owner.OptionalMember(name) ?? throw new TokenizerException($"'{name}' is missing in {Listing.Cut(owner.GetRawText())}.");

    /// <summary>The member; null where there is none.</summary>
    /// <exception cref="TokenizerException">What should have it is no object.</exception>
    public static JsonElement? OptionalMember(this JsonElement owner, string name)
    {
        if (owner.ValueKind != JsonValueKind.Object) throw new TokenizerException($"expected an object with '{name}', found {Listing.Cut(owner.GetRawText())}.");
        return owner.TryGetProperty(name, out JsonElement member) ? member : null;
    }

    /// <exception cref="TokenizerException">It is missing or no text.</exception>
    public static string Text(this JsonElement owner, string name) => owner.Member(name).AsText(name);

    /// <exception cref="TokenizerException">It is no text.</exception>
    public static string AsText(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String) throw Unexpected(name, value, "a text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException($"'{name}' is no Unicode text: {e.Message}", e);
        }
    }

    /// <exception cref="TokenizerException">It is missing or no whole number of 32 bits.</exception>
    public static int Number(this JsonElement owner, string name) => owner.Member(name).AsNumber(name);

    /// <inheritdoc cref="Number"/>
    public static int AsNumber(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Unexpected(name, value, "a whole number");

    /// <exception cref="TokenizerException">It is missing or neither true nor false.</exception>
    public static bool Boolean(this JsonElement owner, string name) => owner.Member(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } member
        ? member.GetBoolean()
        : throw Unexpected(name, owner.Member(name), "true or false");

    /// <exception cref="TokenizerException">It is missing or no array.</exception>
    public static IEnumerable<JsonElement> Items(this JsonElement owner, string name) => owner.Member(name) is { ValueKind: JsonValueKind.Array } member
        ? member.EnumerateArray()
        : throw Unexpected(name, owner.Member(name), "an array");

    /// <summary>Says that a member is of another kind.</summary>
    public static TokenizerException Unexpected(string name, JsonElement found, string expected) =>
        new($"'{name}' is {Listing.Cut(found.GetRawText())}; expected {expected}.");
}
