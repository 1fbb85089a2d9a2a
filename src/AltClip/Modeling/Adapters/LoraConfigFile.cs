using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Shared;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter's <c>adapter_config.json</c>: the fields of <c>peft</c>'s <c>LoraConfig</c>.</summary>
internal static class LoraConfigFile
{
    public const string Name = "adapter_config.json";

    private static readonly JsonDocumentOptions StrictJson = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The configuration as text, in which each number has the type that it has in Python.</summary>
    public static string Text(LoraAdapter adapter) => new JsonObject
    {
        ["base_model_name_or_path"] = null,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        [LoraConfigFields.Init] = true,
        ["lora_alpha"] = adapter.Options.Alpha,
        ["lora_dropout"] = JsonFloat.Node(adapter.Options.Dropout),
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = adapter.Options.Rank,
        ["target_modules"] = LoraTargets.Of(adapter),
        ["task_type"] = null,
        ["use_dora"] = false,
        ["use_rslora"] = false,
    }.ToJsonString(Indented);

    /// <summary>Reads the configuration; the layers are those that the weights are for.</summary>
    /// <exception cref="ConfigurationException">It can't be read, or asks for what is not supported; each such field is named.</exception>
    public static LoraOptions Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var reader = new LoraConfigReader(path, Parse(path));
        // The other methods have other fields, so that theirs say nothing.
        reader.Value("peft_type", null, (string? type) => type == "LORA", "\"LORA\"; of peft's methods only this one is supported");
        reader.ThrowIfRefused();
        // What is left out is as in peft.
        var rank = reader.Value("r", 8, r => r > 0, "a whole number above 0");
        var alpha = reader.Value("lora_alpha", 8.0, double.IsFinite, "a finite number");
        var dropout = reader.Value("lora_dropout", 0.0, p => p is >= 0 and < 1, "a number of at least 0 and below 1");
        var rslora = reader.Value("use_rslora", (bool?)false, _ => true, "true, false or null");
        reader.Value("bias", "none", bias => bias == "none", "\"none\"");
        reader.RefuseOthers();
        reader.ThrowIfRefused();
        return new LoraOptions { Targets = ["*"], Rank = rank, Alpha = rslora == true ? alpha * Math.Sqrt(rank) : alpha, Dropout = dropout };
    }

    private static JsonObject Parse(string path) => NamedFile.Read(
        $"'{path}': not a JSON object", (message, cause) => new ConfigurationException(message, cause), () =>
            JsonNode.Parse(File.ReadAllText(path), documentOptions: StrictJson) as JsonObject ?? throw new JsonException("it is another value."));
}
