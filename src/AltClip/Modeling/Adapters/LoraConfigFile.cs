using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Shared;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter's <c>adapter_config.json</c>: the fields of <c>peft</c>'s <c>LoraConfig</c>.</summary>
internal static class LoraConfigFile
{
    public const string Name = "adapter_config.json";

    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The configuration as text, in which each number has the type that it has in Python.</summary>
    public static string Text(LoraAdapter adapter)
    {
        var (config, targets) = (adapter.Config, new LoraTargets(adapter));
        var options = config.Options;
        return new JsonObject
        {
            ["alpha_pattern"] = Pattern(layer => layer.Options.Alpha != options.Alpha, layer => JsonValue.Create(layer.Options.Alpha)),
            ["base_model_name_or_path"] = null,
            ["bias"] = config.Bias,
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            [LoraConfigFields.Init] = config.Start == LoraStart.Plain ? true : LoraConfigFields.Name(config.Start),
            ["lora_alpha"] = options.Alpha,
            ["lora_bias"] = config.LoraBias,
            ["lora_dropout"] = JsonFloat.Node(options.Dropout),
            ["modules_to_save"] = adapter.Whole.Modules is { Count: > 0 } whole ? new JsonArray([.. whole.Select(name => JsonValue.Create(name))]) : null,
            ["peft_type"] = "LORA",
            ["r"] = options.Rank,
            ["rank_pattern"] = Pattern(layer => layer.Options.Rank != options.Rank, layer => JsonValue.Create(layer.Options.Rank)),
            ["target_modules"] = targets.Modules,
            ["task_type"] = null,
            ["use_dora"] = options.UseDora,
            ["use_rslora"] = options.UseRslora,
        }.ToJsonString(Indented);

        JsonObject Pattern(Func<LoraLayer, bool> isOther, Func<LoraLayer, JsonValue> value) =>
            new(adapter.layers.Where(isOther).Select(layer => KeyValuePair.Create<string, JsonNode?>(targets.Key(layer.Name), value(layer))));
    }

    /// <summary>Reads the configuration; the layers are those that the weights are for.</summary>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="ConfigurationException">It can't be read, or asks for what is not supported; each such field is named.</exception>
    public static LoraConfig Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var reader = new LoraConfigReader(path, Parse(path));
        // The other methods have other fields, so that theirs say nothing.
        reader.Value("peft_type", null, (string? type) => type == "LORA", "\"LORA\"; of peft's methods only this one is supported");
        reader.ThrowIfRefused();
        // What is left out is as in peft.
        var options = new LoraOptions
        {
            Targets = ["*"],
            Rank = reader.Value("r", 8, IsRank, "a whole number above 0"),
            Alpha = reader.Value("lora_alpha", 8.0, double.IsFinite, "a finite number"),
            Dropout = reader.Value("lora_dropout", 0.0, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            UseRslora = Flag("use_rslora"),
            UseDora = Flag("use_dora"),
        };
        var config = new LoraConfig
        {
            Options = options,
            Bias = reader.Value("bias", "none", bias => bias is "none" or "all" or "lora_only", "\"none\", \"all\" or \"lora_only\""),
            LoraBias = Flag("lora_bias"),
            Start = reader.Start(),
            RankPattern = reader.Pattern<int>("rank_pattern", IsRank, "whole numbers above 0"),
            AlphaPattern = reader.Pattern<double>("alpha_pattern", double.IsFinite, "finite numbers"),
            ModulesToSave = reader.Words("modules_to_save"),
        };
        if (config.LoraBias && (options.UseDora || config.Start != LoraStart.Plain))
            reader.Refuse("lora_bias", $"false with use_dora, or with {LoraConfigFields.Init} of a method; peft too has no such adapters");
        reader.RefuseOthers();
        reader.ThrowIfRefused();
        return config;

        bool Flag(string name) => reader.Value(name, (bool?)false, _ => true, "true, false or null") == true;
    }

    private static bool IsRank(int rank) => rank > 0;

    private static JsonObject Parse(string path) => NamedFile.Read(
        $"'{path}': not a JSON object", (message, cause) => new ConfigurationException(message, cause), () =>
        {
            var root = JsonNode.Parse(Contents(path), documentOptions: StrictJson) as JsonObject ?? throw new JsonException("it is another value.");
            // What is no Unicode would show only where a text is asked for.
            _ = root.ToJsonString();
            return root;
        });

    /// <summary>An adapter with a name of its own lies in a folder of that name, which is easily left out.</summary>
    private static string Contents(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (File.Exists(path)) return HalfSave.ReadConfig(path);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no adapter folder '{folder}'.");
        string[] within = [.. Directory.EnumerateDirectories(folder).Where(inner => File.Exists(Path.Combine(inner, Name))).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(10)!];
        throw new FileNotFoundException(
            $"The folder '{folder}' has no {Name}{(within.Length > 0 ? $"; there is one in its folder{(within.Length > 1 ? "s" : "")} {string.Join(", ", within)}" : "")}.", path);
    }
}
