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

    /// <summary>What is looked at to read it.</summary>
    public static string[] Names { get; } = [Name, HalfSave.NoteOf(Name)];

    /// <summary>What it is read from.</summary>
    public static HubFileGroup[] Files { get; } = [new(true, [Name])];

    public static AltCLIPConfig ReadFull(PretrainedSource location)
    {
        var path = Locate(location);
        return Named(path, () => ParseFull(ReadText(path)));
    }

    /// <summary>The configuration of one encoder, from its own file or from its part of a full model's.</summary>
    public static T ReadTower<T>(PretrainedSource location, string type, Func<AltCLIPConfig, T> part, JsonTypeInfo<T> typeInfo)
        where T : PretrainedConfig =>
        ReadPart(location, type, [AltCLIPConfig.Type, FlagAIConfig.Type], root => part(FromObject(root)), typeInfo);

    /// <summary>A part of a model's configuration, from its own file or from the full model's.</summary>
    public static T ReadPart<T>(
        PretrainedSource location, string type, string[] fullTypes, Func<JsonObject, T> fromFull, JsonTypeInfo<T> typeInfo)
        where T : PretrainedConfig
    {
        var path = Locate(location);
        return Named(path, () =>
        {
            var root = ParseObject(ReadText(path));
            var found = ModelType(root);
            if (found is not null && found != type && !fullTypes.Contains(found))
                throw Unexpected(root, found, $"{type} or {string.Join(" or ", fullTypes)}");
            return fullTypes.Contains(found) ? fromFull(root) : Deserialize(root, typeInfo);
        });
    }

    public static AltCLIPConfig ParseFull(string json) => FromObject(ParseObject(json));

    public static T Parse<T>(string json, JsonTypeInfo<T> typeInfo) where T : PretrainedConfig => Deserialize(ParseObject(json), typeInfo);

    /// <summary>Reads a configuration of any kind from its object.</summary>
    public static T Read<T>(PretrainedSource location, Func<JsonObject, T> read)
    {
        var path = Locate(location);
        return Named(path, () => read(ParseObject(ReadText(path))));
    }

    /// <exception cref="ConfigurationException">The object is of another model, or of one that isn't computed.</exception>
    public static void CheckType(JsonObject root, string type)
    {
        if (ModelType(root) is { } found && found != type) throw Unexpected(root, found, type);
    }

    private static AltCLIPConfig FromObject(JsonObject root)
    {
        var sections = new ConfigSections(root);
        return sections.Read(() =>
        {
            if (ModelType(root) == FlagAIConfig.Type) FlagAIConfig.Translate(root, sections);
            else if (ModelType(root) is { } found && found != AltCLIPConfig.Type) throw Unexpected(root, found, AltCLIPConfig.Type);
            sections.Override("text_config", ConfigJson.Of<AltCLIPTextConfig>());
            sections.Override("vision_config", ConfigJson.Of<AltCLIPVisionConfig>());
            // transformers doesn't look at the parts' types, and older programs wrote others.
            if (root["text_config"] is JsonObject text) text["model_type"] = AltCLIPTextConfig.Type;
            if (root["vision_config"] is JsonObject vision) vision["model_type"] = AltCLIPVisionConfig.Type;
            return Deserialize(root, ConfigJson.Of<AltCLIPConfig>());
        });
    }

    private static ConfigurationException Unexpected(JsonObject root, string found, string expected)
    {
        var isAltDiffusion = root["architectures"] is JsonArray classes && classes.Any(name => name?.ToString() == AltDiffusionTextConfig.Architecture);
        return new ConfigurationException($"model_type is {Listing.Cut(found)}; expected {expected}."
            + (isAltDiffusion ? $" It is a text encoder of AltDiffusion ({AltDiffusionTextConfig.Architecture}), which AltDiffusionTextEncoder reads." : ""));
    }

    /// <summary>Weights in 4 or 8 bits have other names and types, or the same with another meaning.</summary>
    private static void RefuseQuantized(JsonObject root)
    {
        if (root["quantization_config"] is not { } quantization) return;
        var method = (quantization as JsonObject)?["quant_method"]?.ToString() ?? "unknown";
        throw new ConfigurationException($"quantization_config says that the weights are quantized ({Listing.Cut(method)}); expected floating point.");
    }

    private static string? ModelType(JsonObject root) => root["model_type"] is JsonValue value && value.TryGetValue(out string? name) ? name : null;

    private static string ReadText(string path)
    {
        var text = HalfSave.ReadConfig(path);
        return FileKind.Of(text) is { } kind ? throw new ConfigurationException($"the file is {kind}.") : text;
    }

    private static JsonObject ParseObject(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var root = PythonJson.Parse(json) as JsonObject ?? throw new ConfigurationException("The configuration is not a JSON object.");
            RefuseQuantized(root);
            return root;
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"The configuration is not JSON: {e.Message}", e);
        }
    }

    /// <summary>The one way from JSON to a configuration, which is always a checked one.</summary>
    public static T Deserialize<T>(JsonObject root, JsonTypeInfo<T> typeInfo) where T : PretrainedConfig
    {
        ReplaceNulls(root, typeInfo);
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

    /// <summary>Some published files have a null for a flag or a dropout, which Python takes for none; here a flag left out has its default.</summary>
    private static void ReplaceNulls(JsonObject root, JsonTypeInfo typeInfo)
    {
        foreach (var property in typeInfo.Properties)
        {
            if (!root.TryGetPropertyValue(property.Name, out var value)) continue;
            if (value is null && property.PropertyType == typeof(bool)) root.Remove(property.Name);
            else if (value is null && property.Name.Contains("dropout", StringComparison.Ordinal)) root[property.Name] = 0.0;
            else if (value is JsonObject part && property.PropertyType.IsAssignableTo(typeof(PretrainedConfig)))
                ReplaceNulls(part, typeInfo.Options.GetTypeInfo(property.PropertyType));
        }
    }

    private static string Locate(PretrainedSource location)
    {
        var folder = location.Locate(Files);
        if (File.Exists(folder)) return folder;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no model folder {folder}.");
        var path = Path.Combine(folder, Name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"The model folder {folder} has no {Name}.{Instead(folder)}", path);
    }

    private static string Instead(string folder)
    {
        const string pipeline = "model_index.json";
        if (File.Exists(Path.Combine(folder, pipeline)))
            return $" It is a pipeline of diffusers ({pipeline}): of AltDiffusion, AltDiffusionTextEncoder reads the subfolder text_encoder.";
        return Directory.EnumerateFiles(folder).Any(file => Path.GetExtension(file) is ".bin" or ".safetensors")
            ? $" FlagAI and other trainers save weights without it: copy the {Name} of the pretrained model beside them."
            : "";
    }

    private static T Named<T>(string path, Func<T> read) => NamedFile.Read(path, (message, cause) => new ConfigurationException(message, cause), read);
}
