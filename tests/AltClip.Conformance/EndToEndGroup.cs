using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>A whole checkpoint folder: texts and picture files in, probabilities out. <c>e2e/</c>, pictures in <c>images/real</c>.</summary>
internal static class EndToEndGroup
{
    private const double ProbabilityTolerance = 1e-4;

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("e2e");
        report.Case("probabilities", () => RunCase(folder));
        return report;
    }

    private static double RunCase(string folder)
    {
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsObject();
        Compare.SameNames("keys", expected.Select(p => p.Key), ["texts", "images", "load_as"]);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(folder, ModelsGroup.Dtype((string)expected["load_as"]!));
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        using var inputs = processor.Process(
            [.. expected["texts"]!.AsArray().Select(text => (string)text!)],
            [.. expected["images"]!.AsArray().Select(name => ImageSource.FromFile(Path.Combine(folder, "..", "images", "real", (string)name!)))]);
        using var output = model.forward(inputs);

        using var tensors = SafeTensors.Open(Path.Combine(folder, "expected.safetensors"));
        Compare.SameNames(
            "tensors", ["input_ids", "attention_mask", "text_embeds", "image_embeds", "logits_per_image", "probs"], tensors.Names);
        Compare.Same("input_ids", inputs.InputIds!, tensors["input_ids"]);
        Compare.Same("attention_mask", inputs.AttentionMask!, tensors["attention_mask"]);
        Compare.Close("text_embeds", output.TextEmbeds, tensors["text_embeds"]);
        Compare.Close("image_embeds", output.ImageEmbeds, tensors["image_embeds"]);
        Compare.Close("logits_per_image", output.LogitsPerImage, tensors["logits_per_image"], _ => ProbabilityTolerance);
        return Compare.Close("probs", output.LogitsPerImage.softmax(1), tensors["probs"], _ => ProbabilityTolerance);
    }
}
