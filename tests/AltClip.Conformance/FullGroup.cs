using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>The real sizes, with weights rebuilt from the parameters' names: <c>full/cases.json</c>, pictures in <c>images/real</c>.</summary>
internal static class FullGroup
{
    private const double EmbeddingTolerance = 2e-5;
    private const double HiddenTolerance = 2e-4;

    /// <summary>What the constants above say; a reference that says something else needs other code.</summary>
    private const string KnownTolerance = "embeddings: 2e-5 absolute; hidden states: 2e-4 relative to the largest";

    private static readonly string[] KnownKeys =
        ["texts", "images", "config", "parameters", "first_values", "transformers_bf16", "tolerance"];

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("full");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        report.Case("keys", () =>
        {
            Compare.SameNames("keys", cases.Select(p => p.Key), KnownKeys);
            Compare.SameNames("tolerance", [(string)cases["tolerance"]!], [KnownTolerance]);
            return 0;
        });
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.WithoutWeights(AltCLIPConfig.FromJson(cases["config"]!.ToJsonString()));
        NamedWeights.Fill(model);
        model.eval();
        report.Case("weights", () => CheckWeights(model, cases));

        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        using var inputs = new FullInputs(folder, cases, tensors);
        var remaining = tensors.Names.Except(FullInputs.Names).ToHashSet();
        Outputs(report, model, inputs, tensors, remaining);
        report.Case("nothing left out", () =>
        {
            Compare.SameNames("tensors", [], remaining);
            return 0;
        });
        return report;
    }

    private static double CheckWeights(AltCLIPModel model, JsonObject cases)
    {
        using var scope = NewDisposeScope();
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var count = parameters.Values.Sum(parameter => parameter.numel());
        if (count != (long)cases["parameters"]!) throw new MismatchException($"there are {count} parameters; expected {cases["parameters"]}");
        foreach (var (name, values) in cases["first_values"]!.AsObject())
        {
            var expected = values!.AsArray().Select(value => (float)value!).ToArray();
            Compare.Same(name, parameters[name].flatten()[..expected.Length], tensor(expected));
        }
        return 0;
    }

    private static void Outputs(GroupReport report, AltCLIPModel model, FullInputs inputs, SafeTensors tensors, HashSet<string> remaining)
    {
        using var output = model.forward(inputs.InputIds, inputs.PixelValues, inputs.AttentionMask, output_hidden_states: true);

        void Holds(string name, Func<Tensor> actual, Func<double, double> tolerance)
        {
            if (!remaining.Remove(name)) return;
            report.Case(name, () =>
            {
                using var inner = NewDisposeScope();
                var expected = tensors[name];
                return Compare.Close(name, Corner(actual(), expected), expected, tolerance);
            });
        }

        static double Embedding(double largest) => EmbeddingTolerance;
        static double Hidden(double largest) => HiddenTolerance * largest;
        Holds("text_embeds", () => output.TextEmbeds, Embedding);
        Holds("image_embeds", () => output.ImageEmbeds, Embedding);
        Holds("logits_per_image", () => output.LogitsPerImage, LogitTolerance);
        Holds("text_pooler", () => output.TextModelOutput.PoolerOutput, Hidden);
        Holds("vision_pooler", () => output.VisionModelOutput.PoolerOutput, Hidden);
        Holds("loss", () => FirstPairsLoss(model, inputs).view(1), LogitTolerance);
        Holds("interpolated_features", () => model.get_image_features(inputs.BigPixelValues, interpolate_pos_encoding: true), Hidden);
        for (var i = 0; i < output.TextModelOutput.HiddenStates!.Count; i++)
            Holds($"text_hidden.{i}", () => output.TextModelOutput.HiddenStates[i], Hidden);
        for (var i = 0; i < output.VisionModelOutput.HiddenStates!.Count; i++)
            Holds($"vision_hidden.{i}", () => output.VisionModelOutput.HiddenStates[i], Hidden);

        // Products of embeddings times the factor on them.
        double LogitTolerance(double largest) => EmbeddingTolerance * model.logit_scale.exp().ToDouble();
    }

    /// <summary>The loss of as many texts as there are pictures.</summary>
    private static Tensor FirstPairsLoss(AltCLIPModel model, FullInputs inputs)
    {
        var count = (int)inputs.PixelValues.shape[0];
        return model.forward(inputs.InputIds[..count], inputs.PixelValues, inputs.AttentionMask[..count], return_loss: true).Loss!;
    }

    /// <summary>Of hidden states the reference keeps only the first tokens and numbers.</summary>
    private static Tensor Corner(Tensor actual, Tensor expected) =>
        actual.dim() == 3 && expected.dim() == 3 ? actual[.., ..(int)expected.shape[1], ..(int)expected.shape[2]] : actual;
}
