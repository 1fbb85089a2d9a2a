using System.Text.Json;
using AltClip.Shared.Notebooks;

namespace AltClip.Configuration;

/// <summary>Shows a configuration with the keys of its file, those of the encoders to be unfolded.</summary>
internal sealed class ConfigurationTree : HtmlView<PretrainedConfig>
{
    /// <inheritdoc/>
    protected override void Write(PretrainedConfig value, HtmlWriter html)
    {
        using var json = JsonDocument.Parse(value.ToJson());
        Write(value.GetType().Name, json.RootElement, html, open: true);
    }

    private static void Write(string name, JsonElement value, HtmlWriter html, bool open = false)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            html.Write($"<div style=\"margin-left:1.2em\">{name}: <code>{value.GetRawText()}</code></div>");
            return;
        }
        html.Write($"<details style=\"margin-left:1.2em\"");
        if (open) html.Write($" open=\"\"");
        html.Write($"><summary>{name}</summary>");
        foreach (var property in value.EnumerateObject()) Write(property.Name, property.Value, html);
        html.Write($"</details>");
    }
}
