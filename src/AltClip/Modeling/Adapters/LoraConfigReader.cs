using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AltClip.Modeling.Adapters;

/// <summary>Takes the fields of an <c>adapter_config.json</c> one by one, and keeps for each that doesn't fit what is wrong with it.</summary>
internal sealed class LoraConfigReader(string path, JsonObject config)
{
    private const int LongestValue = 80;

    private static readonly JsonSerializerOptions AsRead = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HashSet<string> _read = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _advice = [];

    /// <summary>A field's value; <paramref name="absent"/> where the file doesn't say, and where it doesn't fit.</summary>
    public T Value<T>(string name, T absent, Func<T, bool> fits, string expected)
    {
        _read.Add(name);
        var found = absent;
        var isOfType = !config.TryGetPropertyValue(name, out var node)
            || (node is null ? (found = default!) is null : node is JsonValue value && value.TryGetValue(out found!));
        if (isOfType && fits(found)) return found;
        Refuse(name, node, expected);
        return absent;
    }

    /// <summary>What the start of the matrices took from the base.</summary>
    public LoraStart Start()
    {
        _read.Add(LoraConfigFields.Init);
        var node = config[LoraConfigFields.Init];
        if (LoraConfigFields.Start(node) is { } start) return start;
        var (expected, advice) = LoraConfigFields.RefusedStart(node);
        Refuse(LoraConfigFields.Init, node, expected, advice);
        return LoraStart.Plain;
    }

    /// <summary>Values by regular expressions; none where the file doesn't say.</summary>
    public LoraPattern<T> Pattern<T>(string name, Func<T, bool> fits, string expected)
    {
        _read.Add(name);
        List<(Regex, T)> entries = [];
        if (config[name] is not { } node) return new(entries);
        var isOfType = node is JsonObject;
        foreach (var (key, value) in node as JsonObject ?? [])
        {
            isOfType = value is JsonValue single && single.TryGetValue(out T? found) && fits(found) && TryAdd(key, found);
            if (!isOfType) break;
        }
        if (!isOfType) Refuse(name, node, $"an object with {expected} by regular expressions");
        return new(entries);

        bool TryAdd(string key, T value)
        {
            try
            {
                entries.Add((PythonPattern.EndOfName(key), value));
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    /// <summary>A list of words; an empty one where the file doesn't say.</summary>
    public IReadOnlyList<string> Words(string name)
    {
        _read.Add(name);
        if (config[name] is not { } node) return [];
        string[] words = [.. (node as JsonArray ?? []).OfType<JsonValue>().Select(value => value.TryGetValue(out string? word) ? word : "")];
        if (node is JsonArray list && list.Count == words.Length && words.All(word => word.Length > 0)) return words;
        Refuse(name, node, "a list of names, or null");
        return [];
    }

    /// <summary>Refuses the fields that no value was taken of, where they may change the numbers.</summary>
    public void RefuseOthers()
    {
        foreach (var (name, value) in config.Where(field => !_read.Contains(field.Key)))
        {
            if (LoraConfigFields.Refusal(name, value) is { } refusal) Refuse(name, value, refusal.Expected, refusal.Advice);
        }
    }

    /// <exception cref="ConfigurationException">There were fields that don't fit; the message names each.</exception>
    public void ThrowIfRefused()
    {
        if (_problems.Count == 0) return;
        throw new ConfigurationException($"'{path}': {string.Join(" ", [.. _problems.Select(problem => problem + "."), .. _advice])}");
    }

    /// <summary>Refuses a field for what another says.</summary>
    public void Refuse(string name, string expected) => Refuse(name, config[name], expected);

    private void Refuse(string name, JsonNode? found, string expected, string? advice = null)
    {
        _problems.Add($"{name} is {Shortened(found?.ToJsonString(AsRead) ?? "null")}; expected {expected}");
        if (advice is not null) _advice.Add(advice);
    }

    private static string Shortened(string json) => json.Length <= LongestValue ? json : json[..LongestValue] + "…";
}
