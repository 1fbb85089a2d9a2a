using System.Text.Json.Nodes;
using AltClip.Configuration;
using AltClip.Hub;

namespace AltClip.Training.Teacher;

/// <summary>Reads the configuration of CLIP's text encoder, from its own file or from its part of a full CLIP model's.</summary>
internal static class CLIPTextConfigFile
{
    public static CLIPTextConfig Read(PretrainedSource location) =>
        ConfigFile.ReadPart(location, CLIPTextConfig.Type, [CLIPTextConfig.FullType], FromFull, ConfigJson.Of<CLIPTextConfig>());

    /// <summary>The width of the projection is the whole model's, whatever its part says: the weights have that one.</summary>
    private static CLIPTextConfig FromFull(JsonObject root)
    {
        var sections = new ConfigSections(root);
        sections.Override("text_config", ConfigJson.Of<CLIPTextConfig>());
        var text = root["text_config"] as JsonObject ?? [];
        text.Remove("projection_dim");
        if (root["projection_dim"] is { } width) text["projection_dim"] = width.DeepClone();
        return sections.Read(() => ConfigFile.Deserialize(text, ConfigJson.Of<CLIPTextConfig>()));
    }
}
