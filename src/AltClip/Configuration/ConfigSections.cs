using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>
/// The encoders' sections of a <c>config.json</c>, which files from before transformers 4.26 say twice: <c>text_config</c>, and
/// <c>text_config_dict</c> beside it. Makes one of the two, and knows under which key the file has it.
/// </summary>
internal sealed class ConfigSections(JsonObject root)
{
    private readonly List<string> _ofOther = [];

    /// <summary>
    /// As in transformers, the <c>_dict</c> key counts, with the defaults for what it leaves out; of the other key only what <c>_dict</c>
    /// doesn't know at all remains.
    /// </summary>
    public void Override(string key, JsonTypeInfo typeInfo)
    {
        var (overriding, overridden) = (Part(Other(key)), Part(key));
        root.Remove(Other(key));
        if (overriding is null)
        {
            if (overridden is null) root.Remove(key);
            return;
        }
        CheckSizes(key, overridden, overriding, typeInfo);
        var known = typeInfo.Properties.Select(property => property.Name).ToHashSet();
        var merged = (JsonObject)overriding.DeepClone();
        foreach (var (name, value) in overridden ?? [])
            if (!known.Contains(name) && !merged.ContainsKey(name)) merged[name] = value?.DeepClone();
        Take(key, merged);
    }

    /// <summary>FlagAI reads the first; the second, which transformers would let win, is of another model there, or says the same.</summary>
    public void FillIn(string key)
    {
        var other = root[Other(key)];
        root.Remove(Other(key));
        if (root[key] is null && other is not null) Take(key, other);
    }

    /// <summary>Reads what the sections have become; errors name members as the file has them.</summary>
    public T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ConfigurationException e) when (_ofOther.Count > 0)
        {
            throw new ConfigurationException(
                _ofOther.Aggregate(e.Message, (message, key) => message.Replace($"{key}.", $"{Other(key)}.", StringComparison.Ordinal)), e.InnerException);
        }
    }

    private void Take(string key, JsonNode section)
    {
        root[key] = section;
        _ofOther.Add(key);
    }

    /// <summary>
    /// Where the part that counts doesn't say how wide the encoder is, and the other does, likely it is the other's; weights that don't fit
    /// the defaults could not say why.
    /// </summary>
    private static void CheckSizes(string key, JsonObject? overridden, JsonObject overriding, JsonTypeInfo typeInfo)
    {
        const string size = "hidden_size";
        if (overridden?[size] is not { } said || overriding.ContainsKey(size)) return;
        var taken = JsonSerializer.SerializeToNode(typeInfo.CreateObject!(), typeInfo)![size]!;
        if (said.ToJsonString() == taken.ToJsonString()) return;
        throw new ConfigurationException(
            $"{Other(key)} has no {size}, for which transformers takes {taken} and not the {Listing.Cut(said.ToJsonString())} of {key}; expected {Other(key)} with all sizes, or none.");
    }

    private JsonObject? Part(string key) => root[key] switch
    {
        null => null,
        JsonObject part => part,
        var other => throw new ConfigurationException($"{key} is {Listing.Cut(other.ToJsonString())}; expected an object."),
    };

    private static string Other(string key) => $"{key}_dict";
}
