using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using AltClip.Hub;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>Reads <c>config.json</c> in the forms that published checkpoints have.</summary>
internal static class ConfigFile
{
    public const string Name = "config.json";

    /// <summary>What it is read from.</summary>
    public static HubFileGroup[] Files { get; } = [new(true, [Name])];

    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false };

    public static AltCLIPConfig ReadFull(PretrainedSource location)
    {
        var path = Locate(location);
        return Named(path, () => ParseFull(File.ReadAllText(path)));
    }

    /// <summary>The configuration of one encoder, from its own file or from its part of a full model's.</summary>
    public static T ReadTower<T>(PretrainedSource location, string type, Func<AltCLIPConfig, T> part, JsonTypeInfo<T> typeInfo)
        where T : PretrainedConfig =>
        ReadPart(location, type, AltCLIPConfig.Type, root => part(FromObject(root)), typeInfo);

    /// <summary>A part of a model's configuration, from its own file or from the full model's.</summary>
    public static T ReadPart<T>(
        PretrainedSource location, string type, string fullType, Func<JsonObject, T> fromFull, JsonTypeInfo<T> typeInfo)
        where T : PretrainedConfig
    {
        var path = Locate(location);
        return Named(path, () =>
        {
            var root = ParseObject(File.ReadAllText(path));
            var found = ModelType(root);
            if (found is not null && found != type && found != fullType)
                throw new ConfigurationException($"model_type is {found}; expected {type} or {fullType}.");
            return found == fullType ? fromFull(root) : Deserialize(root, typeInfo);
        });
    }

    public static AltCLIPConfig ParseFull(string json) => FromObject(ParseObject(json));

    public static T Parse<T>(string json, JsonTypeInfo<T> typeInfo) where T : PretrainedConfig => Deserialize(ParseObject(json), typeInfo);

    private static AltCLIPConfig FromObject(JsonObject root)
    {
        if (ModelType(root) is { } found && found != AltCLIPConfig.Type)
            throw new ConfigurationException($"model_type is {found}; expected {AltCLIPConfig.Type}.");
        Override(root, "text_config", "text_config_dict", ConfigJson.Of<AltCLIPTextConfig>());
        Override(root, "vision_config", "vision_config_dict", ConfigJson.Of<AltCLIPVisionConfig>());
        return Deserialize(root, ConfigJson.Of<AltCLIPConfig>());
    }

    /// <summary>
    /// Files from before transformers 4.26 say an encoder's configuration twice. As in transformers, the <c>_dict</c> key counts, with
    /// the defaults for what it leaves out; of the other key only what <c>_dict</c> doesn't know at all remains.
    /// </summary>
    public static void Override(JsonObject root, string key, string overridingKey, JsonTypeInfo typeInfo)
    {
        var (overriding, overridden) = (Part(root, overridingKey), Part(root, key));
        root.Remove(overridingKey);
        if (overriding is null)
        {
            if (overridden is null) root.Remove(key);
            return;
        }
        var known = typeInfo.Properties.Select(property => property.Name).ToHashSet();
        var merged = (JsonObject)overriding.DeepClone();
        foreach (var (name, value) in overridden ?? [])
            if (!known.Contains(name) && !merged.ContainsKey(name)) merged[name] = value?.DeepClone();
        root[key] = merged;
    }

    private static JsonObject? Part(JsonObject root, string key) => root[key] switch
    {
        null => null,
        JsonObject part => part,
        var other => throw new ConfigurationException($"{key} is {other.ToJsonString()}; expected an object."),
    };

    private static string? ModelType(JsonObject root) => root["model_type"] is JsonValue value && value.TryGetValue(out string? name) ? name : null;

    private static JsonObject ParseObject(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: StrictJson) as JsonObject ?? throw new ConfigurationException("The configuration is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"The configuration is not JSON: {e.Message}", e);
        }
    }

    /// <summary>The one way from JSON to a configuration, which is always a checked one.</summary>
    public static T Deserialize<T>(JsonObject root, JsonTypeInfo<T> typeInfo) where T : PretrainedConfig
    {
        DropNullFlags(root, typeInfo);
        try
        {
            var config = root.Deserialize(typeInfo)!;
            config.Validate();
            return config;
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"{e.Path?.TrimStart('$', '.')} has a wrong value: {e.Message}", e);
        }
    }

    /// <summary>Some published files have a null for a flag, which Python takes for false; here a flag left out has its default.</summary>
    private static void DropNullFlags(JsonObject root, JsonTypeInfo typeInfo)
    {
        foreach (var property in typeInfo.Properties)
        {
            if (!root.TryGetPropertyValue(property.Name, out var value)) continue;
            if (value is null && property.PropertyType == typeof(bool)) root.Remove(property.Name);
            else if (value is JsonObject part) DropNullFlags(part, typeInfo.Options.GetTypeInfo(property.PropertyType));
        }
    }

    private static string Locate(PretrainedSource location)
    {
        var folder = location.Locate(Files);
        if (File.Exists(folder)) return folder;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no model folder {folder}.");
        var path = Path.Combine(folder, Name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"The model folder {folder} has no {Name}.", path);
    }

    private static T Named<T>(string path, Func<T> read) => NamedFile.Read(path, (message, cause) => new ConfigurationException(message, cause), read);
}
