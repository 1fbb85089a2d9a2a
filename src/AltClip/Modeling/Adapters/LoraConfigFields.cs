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

    /// <summary>Ways to start the two matrices that leave the base as it is. The file has the matrices as they became.</summary>
    private static readonly HashSet<string> HarmlessInits = ["eva", "gaussian", "mica", "orthogonal"];

    /// <summary>Of these peft takes an object or a list without anything in it for set.</summary>
    private static readonly HashSet<string> SetWhenEmpty =
    [
        "alora_invocation_tokens", "arrow_config", "kasa_config", "layer_replication", "megatron_config", "monteclora_config",
        "trainable_token_indices", "use_bdlora", "velora_config",
    ];

    /// <summary>Known fields of which only being unset is supported.</summary>
    private static readonly HashSet<string> Unsupported =
        [.. SetWhenEmpty, "alpha_pattern", "lora_bias", "modules_to_save", "rank_pattern", "use_dora"];

    /// <summary>What was expected of a field, and what can be done about it; null if it may be as it is.</summary>
    public static (string Expected, string? Advice)? Refusal(string name, JsonNode? value)
    {
        if (WithoutEffect.Contains(name)) return null;
        if (name == Init) return RefusedInit(value);
        if (IsUnset(value, name)) return null;
        return (name is "lora_bias" or "use_dora" ? "false" : "null", name switch
        {
            "alora_invocation_tokens" => "peft too computes with such an adapter in causal language models alone.",
            "arrow_config" => "It chooses among several adapters at every token; one of them can be loaded without it.",
            "layer_replication" => "peft too has no replicated layers in this model.",
            _ when Unsupported.Contains(name) => Merge,
            _ => "The field isn't known here, and may change the numbers. " + Merge,
        });
    }

    /// <summary>What can be done about a field whose one supported value was expected.</summary>
    public static string? Advice(string name) => name == "bias" ? Merge : null;

    private static (string, string?)? RefusedInit(JsonNode? value)
    {
        var word = value is JsonValue text && text.TryGetValue(out string? found) ? found : null;
        if (value is null || value.GetValueKind() is JsonValueKind.True or JsonValueKind.False || (word is not null && HarmlessInits.Contains(word)))
            return null;
        var advice = word switch
        {
            "loftq" => Merge,
            "corda" or "lora_ga" or "olora" => Convert,
            not null when word.StartsWith("pissa", StringComparison.Ordinal) => Convert,
            _ => null,
        };
        return ($"true, false, {string.Join(", ", HarmlessInits.Select(init => $"\"{init}\""))}", advice);
    }

    private static bool IsUnset(JsonNode? value, string name) => value switch
    {
        null => true,
        JsonArray { Count: 0 } or JsonObject { Count: 0 } => !SetWhenEmpty.Contains(name),
        JsonValue single => single.GetValueKind() == JsonValueKind.False || (single.TryGetValue(out string? text) && text.Length == 0),
        _ => false,
    };
}
