using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Configuration;

/// <summary>What all configurations have, as transformers' <c>PretrainedConfig</c>. Immutable: <c>config with { … }</c> gives another.</summary>
/// <remarks>Made by this library only.</remarks>
public abstract record PretrainedConfig
{
    internal PretrainedConfig(string modelType) => ModelType = modelType;

    /// <summary>The <c>model_type</c> that transformers writes; see each configuration's <c>Type</c>.</summary>
    public string ModelType { get; init; }

    /// <summary>Whether calls return the attention weights when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputAttentions { get; init; }

    /// <summary>Whether calls return the hidden states of all layers when they don't say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OutputHiddenStates { get; init; }

    /// <summary>Keys of the file that have no property here, kept as they were.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? AdditionalProperties { get; init; }

    /// <summary>The configuration as JSON that transformers reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigJson.Options.GetTypeInfo(GetType()));

    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    public abstract void Validate();
}
