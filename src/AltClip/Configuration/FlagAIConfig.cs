using System.Text.Json.Nodes;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>
/// The <c>config.json</c> of FlagAI and its ModelHub, with which AltCLIP was first published: a CLIP model by its <c>model_type</c>, whose
/// text encoder is XLM-R.
/// </summary>
internal static class FlagAIConfig
{
    public const string Type = "clip";

    private const string TextType = "xlm-roberta";

    /// <summary>Makes it what transformers would write of the same model.</summary>
    /// <exception cref="ConfigurationException">It is CLIP itself, or has another text encoder.</exception>
    public static void Translate(JsonObject root, ConfigSections sections)
    {
        sections.FillIn("text_config");
        sections.FillIn("vision_config");
        var found = (root["text_config"] as JsonObject)?["model_type"]?.ToString();
        if (found is not (TextType or AltCLIPTextConfig.Type))
        {
            throw new ConfigurationException(
                $"model_type is {Type} and text_config.model_type {Listing.Cut(found ?? "absent")}; expected {AltCLIPConfig.Type}, or {Type} with {TextType}, as FlagAI writes AltCLIP.");
        }
        root["model_type"] = AltCLIPConfig.Type;
    }
}
