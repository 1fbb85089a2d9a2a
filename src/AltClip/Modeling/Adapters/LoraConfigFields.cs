using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// What the fields of <c>peft</c>'s <c>LoraConfig</c> may be here, besides those that are read as numbers and words. None is passed over
/// unseen: what would change the numbers, or may do so because nobody here knows it, is refused.
/// </summary>
internal static class LoraConfigFields
{
    public const string Init = "init_lora_weights";

    private const string Merge = "Merged into its base in peft (merge_and_unload) and saved as a whole model, it can be loaded here.";
    private const string Convert =
        "It starts by taking from the base what the adapter's file doesn't have; saved in peft with path_initial_model_for_weight_conversion "
        + "(the adapter as it was before training), it is a plain adapter that can be loaded here.";

    /// <summary>Whatever they say, the numbers are the same.</summary>
    private static readonly HashSet<string> WithoutEffect =
    [
        // Which layers are adapted: the names of the tensors say it.
        "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "target_parameters",
        // Where the adapter comes from, and what for.
        "auto_mapping", "base_model_name_or_path", "inference_mode", "peft_version", "revision", "task_type",
        // How it was started. Whether the start changed the base is for init_lora_weights to say.
        "corda_config", "eva_config", "loftq_config", "lora_ga_config",
        // For layers that keep their weights transposed. peft resets it for linear ones.
        "fan_in_fan_out",
        // For quantized bases, which there are none of here.
        "use_qalora", "qalora_group_size",
        // For weights that are tied to others, which AltCLIP has none of.
        "ensure_weight_tying",
        // Where peft computes, and with which package.
        "megatron_core", "runtime_config",
    ];

    /// <summary>
    /// Ways to start the two matrices, and what they take from the base. The file has the matrices as they became. Of some, peft looks at no
    /// capitals.
    /// </summary>
    private static readonly Dictionary<string, LoraStart> Starts = new()
    {
        ["eva"] = LoraStart.Plain,
        ["gaussian"] = LoraStart.Plain,
        ["mica"] = LoraStart.Plain,
        ["olora"] = LoraStart.Olora,
        ["orthogonal"] = LoraStart.Plain,
        ["pissa"] = LoraStart.Pissa,
    };

    private static readonly HashSet<string> StartsInAnyCase = ["gaussian", "mica", "olora"];

    /// <summary>Known fields of which only being unset is supported. Of these peft takes an object or a list without anything in it for set.</summary>
    private static readonly HashSet<string> SetWhenEmpty =
    [
        "alora_invocation_tokens", "arrow_config", "kasa_config", "layer_replication", "megatron_config", "monteclora_config",
        "trainable_token_indices", "use_bdlora", "velora_config",
    ];

    /// <summary>What was expected of a field, and what can be done about it; null if it may be as it is.</summary>
    public static (string Expected, string? Advice)? Refusal(string name, JsonNode? value)
    {
        if (WithoutEffect.Contains(name)) return null;
        if (IsUnset(value, name)) return null;
        return ("null", name switch
        {
            "alora_invocation_tokens" => "peft too computes with such an adapter in causal language models alone.",
            "arrow_config" => "It chooses among several adapters at every token; one of them can be loaded without it.",
            "layer_replication" => "peft too has no replicated layers in this model.",
            _ when SetWhenEmpty.Contains(name) => Merge,
            _ => "The field isn't known here, and may change the numbers. " + Merge,
        });
    }

    /// <summary>What the start of the matrices took from the base; null where it isn't known, or is drawn anew at every load.</summary>
    public static LoraStart? Start(JsonNode? value)
    {
        if (value is null || value.GetValueKind() is JsonValueKind.True or JsonValueKind.False) return LoraStart.Plain;
        if (Word(value) is not { } word) return null;
        var lower = word.ToLowerInvariant();
        return Starts.TryGetValue(StartsInAnyCase.Contains(lower) ? lower : word, out var start) ? start : null;
    }

    /// <summary>The word for a start that takes something.</summary>
    public static string Name(LoraStart start) => Starts.Single(pair => pair.Value == start).Key;

    /// <summary>What was expected of the start of the matrices, and what can be done about another.</summary>
    public static (string Expected, string? Advice) RefusedStart(JsonNode? value)
    {
        var advice = Word(value) switch
        {
            "loftq" => Merge,
            "corda" or "lora_ga" => Convert,
            { } word when word.StartsWith("pissa", StringComparison.Ordinal) => Convert,
            _ => null,
        };
        return ($"true, false, {string.Join(", ", Starts.Keys.Select(start => $"\"{start}\""))}", advice);
    }

    private static string? Word(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? word) ? word : null;

    private static bool IsUnset(JsonNode? value, string name) => value switch
    {
        null => true,
        JsonArray { Count: 0 } or JsonObject { Count: 0 } => !SetWhenEmpty.Contains(name),
        JsonValue single => single.GetValueKind() == JsonValueKind.False || (single.TryGetValue(out string? text) && text.Length == 0),
        _ => false,
    };
}
