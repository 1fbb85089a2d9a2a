using System.Text.Json.Nodes;

namespace AltClip.Modeling.Adapters;

/// <summary>Takes the fields of an <c>adapter_config.json</c> one by one, and keeps for each that doesn't fit what is wrong with it.</summary>
internal sealed class LoraConfigReader(string path, JsonObject config)
{
    private const int LongestValue = 80;

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
        Refuse(name, node, expected, LoraConfigFields.Advice(name));
        return absent;
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

    private void Refuse(string name, JsonNode? found, string expected, string? advice)
    {
        _problems.Add($"{name} is {Shortened(found?.ToJsonString() ?? "null")}; expected {expected}");
        if (advice is not null) _advice.Add(advice);
    }

    private static string Shortened(string json) => json.Length <= LongestValue ? json : json[..LongestValue] + "…";
}
