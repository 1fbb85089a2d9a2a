using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>An adapter's files in the layout of Python's <c>peft</c>.</summary>
internal static class LoraFiles
{
    /// <summary>What <c>peft</c> puts before the names of the model's layers.</summary>
    public const string Prefix = "base_model.model.";

    internal const string ConfigName = "adapter_config.json";
    internal const string WeightsName = "adapter_model.safetensors";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";

    public static void Save(string folder, LoraAdapter adapter)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var config = new JsonObject
        {
            ["base_model_name_or_path"] = null,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["lora_alpha"] = adapter.Options.Alpha,
            ["lora_dropout"] = adapter.Options.Dropout,
            ["modules_to_save"] = null,
            ["peft_type"] = "LORA",
            ["r"] = adapter.Options.Rank,
            ["target_modules"] = new JsonArray([.. adapter.LayerNames.Select(name => JsonValue.Create(name))]),
            ["task_type"] = null,
            ["use_dora"] = false,
            ["use_rslora"] = false,
        };
        var tensors = adapter.named_parameters().Select(p => KeyValuePair.Create(Prefix + p.name, (Tensor)p.parameter));
        using var staged = new StagedFiles();
        using (var stream = staged.Create(Path.Combine(folder, WeightsName)))
            new SafeTensorsWriter(tensors, new Dictionary<string, string> { ["format"] = "pt" }).Write(stream);
        staged.CreateText(Path.Combine(folder, ConfigName), config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        staged.Commit();
    }

    /// <summary>Reads the configuration; the layers are those that the weights are for.</summary>
    /// <exception cref="ConfigurationException">It can't be read, or asks for what is not supported.</exception>
    public static LoraOptions ReadOptions(string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        try
        {
            var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            string[] unsupported =
            [
                .. Unless(config["peft_type"], "peft_type", "LORA"), .. Unless(config["bias"], "bias", "none"),
                .. UnlessOff(config, "fan_in_fan_out"), .. UnlessOff(config, "use_dora"), .. UnlessOff(config, "modules_to_save"),
                .. UnlessOff(config, "rank_pattern"), .. UnlessOff(config, "alpha_pattern"), .. UnlessOff(config, "lora_bias"),
            ];
            if (unsupported.Length > 0) throw new ConfigurationException($"'{path}': not supported: {string.Join(", ", unsupported)}.");
            var (rank, alpha) = ((int)config["r"]!, (double)config["lora_alpha"]!);
            var options = new LoraOptions
            {
                Targets = ["*"],
                Rank = rank,
                Alpha = (bool?)config["use_rslora"] == true ? alpha * Math.Sqrt(rank) : alpha,
                Dropout = (double?)config["lora_dropout"] ?? 0,
            };
            options.Validate();
            return options;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new ConfigurationException($"'{path}': expected an object with peft_type LORA and numbers r, lora_alpha and lora_dropout: {e.Message}");
        }
    }

    public static SafeTensors OpenWeights(string folder) => SafeTensors.Open(Path.Combine(folder, WeightsName));

    /// <summary>The names of the layers that the file has an adapter for.</summary>
    /// <exception cref="CheckpointException">A tensor is for no linear layer of the model, or has another shape.</exception>
    public static IReadOnlyList<string> CheckedLayers(SafeTensors file, Dictionary<string, Linear> linears, int rank)
    {
        var problems = new List<string>();
        var layers = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors)
        {
            var suffix = tensor.Name.EndsWith(DownSuffix, StringComparison.Ordinal) ? DownSuffix : UpSuffix;
            if (!tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) || !tensor.Name.EndsWith(suffix, StringComparison.Ordinal)
                || !linears.TryGetValue(tensor.Name[Prefix.Length..^suffix.Length], out var linear))
            {
                problems.Add($"unexpected: {tensor.Name}");
                continue;
            }
            long[] expected = suffix == DownSuffix ? [rank, linear.weight.shape[1]] : [linear.weight.shape[0], rank];
            if (!tensor.Shape.SequenceEqual(expected))
                problems.Add($"{tensor.Name} has shape [{string.Join(", ", tensor.Shape)}]; expected {Check.Text(expected)}");
            layers.Add(tensor.Name[Prefix.Length..^suffix.Length]);
        }
        problems.AddRange(layers.SelectMany(name => new[] { Prefix + name + DownSuffix, Prefix + name + UpSuffix })
            .Where(name => !file.Names.Contains(name)).Select(name => $"missing: {name}"));
        if (layers.Count == 0) problems.Add($"missing: any {Prefix}…{DownSuffix}");
        return problems.Count == 0 ? [.. layers] : throw CheckpointException.StateMismatch(file.Path, problems);
    }

    private static string[] Unless(JsonNode? found, string name, string expected) =>
        (string?)found == expected ? [] : [$"{name} {found?.ToJsonString() ?? "null"} (only \"{expected}\")"];

    private static string[] UnlessOff(JsonObject config, string name) => config[name] switch
    {
        null => [],
        JsonArray { Count: 0 } or JsonObject { Count: 0 } => [],
        JsonValue value when value.GetValueKind() == JsonValueKind.False => [],
        var other => [$"{name} {other.ToJsonString()}"],
    };
}
