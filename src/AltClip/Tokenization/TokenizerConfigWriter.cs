using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Tokenization;

/// <summary>The <c>tokenizer_config.json</c> with which every transformers takes the <c>tokenizer.json</c> beside it as it is.</summary>
internal static class TokenizerConfigWriter
{
    /// <summary>transformers 5.0 puts a normaliser of its own under the class without "Fast".</summary>
    private const string Class = "XLMRobertaTokenizerFast";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file to write.</summary>
    /// <param name="read">The file that was read, null where there was none.</param>
    /// <returns>Its bytes; null where the one that was read will do.</returns>
    public static byte[]? Write(byte[]? read)
    {
        JsonObject config = read is null ? new() { ["clean_up_tokenization_spaces"] = false, ["model_max_length"] = 512 } : Parse(read);
        // transformers 5 writes a list, on which transformers 4 fails; both read it under its older name
        var list = config["extra_special_tokens"] as JsonArray;
        if (list is null && config["tokenizer_class"] is JsonValue type && type.TryGetValue(out string? name) && name == Class)
            return null;
        config["tokenizer_class"] = Class;
        if (list is not null)
        {
            config.Remove("extra_special_tokens");
            var additional = config["additional_special_tokens"] as JsonArray ?? [];
            foreach (JsonNode? token in list.Where(token => !additional.Any(known => JsonNode.DeepEquals(known, token))))
                additional.Add(token?.DeepClone());
            config["additional_special_tokens"] = additional;
        }
        return [.. JsonSerializer.SerializeToUtf8Bytes(config, Indented), (byte)'\n'];
    }

    /// <summary>A key that is there twice counts as the last one says, as it did when it was read.</summary>
    private static JsonObject Parse(byte[] read)
    {
        using JsonDocument document = JsonDocument.Parse(read);
        var config = new JsonObject();
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
            config[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        return config;
    }
}
