using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Conformance;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>How near a precision's embeddings are to the model's own, on the full-size reference with its texts and pictures.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Text">The least cosine of a text's embedding to the plain module's.</param>
/// <param name="Image">The least cosine of a picture's.</param>
/// <param name="Difference">The greatest difference between unit-length embeddings, in any number of any of them.</param>
internal sealed record ReferenceQuality(string Precision, double Text, double Image, double Difference)
{
    /// <param name="reference">The reference's folder, which has <c>full</c> and <c>images</c> in it.</param>
    public static IReadOnlyList<ReferenceQuality> Measure(string reference)
    {
        var folder = Path.Combine(reference, "full");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        using var scope = NewDisposeScope();
        using var model = AltCLIPModel.WithoutWeights(AltCLIPConfig.FromJson(cases["config"]!.ToJsonString()));
        NamedWeights.Fill(model);
        model.eval();
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        using var inputs = new FullInputs(folder, cases, tensors);
        var text = Unit(model.get_text_features(inputs.InputIds, inputs.AttentionMask));
        var image = Unit(model.get_image_features(inputs.PixelValues));
        var results = new List<ReferenceQuality>();
        foreach (var precision in Enum.GetValues<InferencePrecision>())
        {
            using var packed = model.ForInference(new() { Precision = precision });
            var packedText = Unit(packed.get_text_features(inputs.InputIds, inputs.AttentionMask));
            var packedImage = Unit(packed.get_image_features(inputs.PixelValues));
            results.Add(new ReferenceQuality(
                precision.ToString(), WorstCosine(text, packedText), WorstCosine(image, packedImage),
                Math.Max(Farthest(text, packedText), Farthest(image, packedImage))));
        }
        return results;
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, dim: 1);

    private static double WorstCosine(Tensor expected, Tensor actual) => (expected * actual).sum(1).min().item<float>();

    private static double Farthest(Tensor expected, Tensor actual) => (expected - actual).abs().max().item<float>();
}
