using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace AltClip.Training.Data;

/// <summary>Where the captions of an example lie in its shard.</summary>
/// <param name="Text">A <c>.txt</c>, or a <c>.json</c>.</param>
/// <param name="IsJson">Whether it is a <c>.json</c>.</param>
internal readonly record struct ShardCaptions(TarMember Text, bool IsJson)
{
    private const int Most = 1 << 24;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Finds them among an example's files; a <c>.txt</c> before a <c>.json</c>.</summary>
    public static ShardCaptions? Of(IReadOnlyDictionary<string, TarMember> members) => members.TryGetValue(".txt", out var text) ? new(text, false)
        : members.TryGetValue(".json", out text) ? new(text, true) : null;

    /// <summary>Reads them.</summary>
    /// <param name="shard">The shard, open.</param>
    /// <param name="key">The member of the JSON that is the caption, or a list of captions.</param>
    /// <param name="name">What errors call the example.</param>
    /// <returns>One caption at least, or what is wrong with them.</returns>
    /// <exception cref="EndOfStreamException">The shard has become shorter.</exception>
    public (IReadOnlyList<string> Captions, string? Problem) Read(SafeFileHandle shard, string key, string name)
    {
        if (Text.Length > Most) return ([], $"its {(IsJson ? ".json" : ".txt")} has {Text.Length} bytes; expected a caption");
        try
        {
            var text = Utf8.GetString(Text.Read(shard, name)).TrimStart('\uFEFF');
            return IsJson ? FromJson(text, key) : string.IsNullOrWhiteSpace(text) ? ([], "no caption: its .txt is empty") : ([text.Trim()], null);
        }
        catch (DecoderFallbackException)
        {
            return ([], $"its {(IsJson ? ".json" : ".txt")} isn't UTF-8");
        }
        catch (JsonException error)
        {
            return ([], $"its .json can't be read: {error.Message}");
        }
    }

    private static (IReadOnlyList<string> Captions, string? Problem) FromJson(string text, string key)
    {
        using var json = JsonDocument.Parse(text);
        if (json.RootElement.ValueKind != JsonValueKind.Object) return ([], $"its .json is a JSON {json.RootElement.ValueKind}; expected an object");
        if (!json.RootElement.TryGetProperty(key, out var value)) return ([], $"no caption: its .json has no '{key}'");
        if (value.ValueKind == JsonValueKind.Null) return ([], $"no caption: '{key}' of its .json is null");
        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        foreach (var item in items)
        {
            if (item.ValueKind != JsonValueKind.String)
                return ([], $"its .json has no text or list of texts named '{key}': found a JSON {item.ValueKind}");
        }
        List<string> captions = [.. items.Select(item => item.GetString()!).Where(caption => !string.IsNullOrWhiteSpace(caption))];
        return captions.Count > 0 ? (captions, null) : ([], $"no caption: '{key}' of its .json is empty");
    }
}
