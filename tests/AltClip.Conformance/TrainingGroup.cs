using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling;
using AltClip.Training.Losses;
using AltClip.Training.Teacher;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>
/// Losses, gradients and the CLIP teacher, in evaluation mode, on small checkpoints: <c>training/cases.json</c> with <c>checkpoints/</c> beside
/// it. Contrastive gradients are computed in one piece and again by gradient caching.
/// </summary>
internal static class TrainingGroup
{
    private const int ChunkSize = 4;

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("training");
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        foreach (var entry in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!["cases"]!.AsArray())
        {
            var test = entry!.AsObject();
            // An element's difference after AdamW's steps says nothing unless one knows how far rounding may take it.
            if ((string)test["call"]! == "adamw") report.HeldElsewhere();
            else report.Case((string)test["name"]!, () => RunCase(test, Path.Combine(folder, "..", "checkpoints"), tensors));
        }
        return report;
    }

    private static double RunCase(JsonObject test, string checkpoints, SafeTensors tensors)
    {
        Compare.SameNames("keys of the case", test.Select(p => p.Key), ["name", "checkpoint", "call", "inputs", "options", "outputs"]);
        using var scope = NewDisposeScope();
        var inputs = Named("inputs");
        var expected = Named("outputs");
        var options = test["options"]!.AsObject();
        var checkpoint = Path.Combine(checkpoints, (string)test["checkpoint"]!);
        return (string)test["call"]! switch
        {
            "loss_and_gradients" => Contrastive(checkpoint, inputs, options, expected),
            "teacher_loss_and_gradients" => TeacherLearning(checkpoint, inputs, options, expected),
            "CLIPTextModelWithProjection" => Teacher(checkpoint, inputs, options, expected),
            var call => throw new MismatchException($"call {call} is not known"),
        };

        Dictionary<string, Tensor> Named(string key) => test[key]!.AsObject().ToDictionary(p => p.Key, p => tensors[(string)p.Value!]);
    }

    private static double Contrastive(string checkpoint, Dictionary<string, Tensor> inputs, JsonObject options, Dictionary<string, Tensor> expected)
    {
        Compare.SameNames("inputs", inputs.Keys, ["input_ids", "attention_mask", "pixel_values"]);
        if (options.ToJsonString() != """{"return_loss":true}""") throw new MismatchException($"options {options.ToJsonString()} are not known");
        var (ids, mask, pixels) = (inputs["input_ids"], inputs["attention_mask"], inputs["pixel_values"]);
        using var model = AltCLIPModel.FromPretrained(checkpoint);
        using var output = model.forward(ids, pixels, mask, return_loss: true);
        output.Loss!.backward();
        var worst = LossAndGradients(output.Loss, model, expected);
        model.zero_grad();
        using var cached = GradientCache.ContrastiveBackward(model, ids, pixels, ChunkSize, mask);
        return Math.Max(worst, LossAndGradients(cached, model, expected));
    }

    private static double TeacherLearning(string checkpoint, Dictionary<string, Tensor> inputs, JsonObject options, Dictionary<string, Tensor> expected)
    {
        Compare.SameNames("inputs", inputs.Keys, ["input_ids", "attention_mask", "teacher"]);
        Compare.SameNames("options", options.Select(p => p.Key), []);
        using var student = AltCLIPTextModel.FromPretrained(checkpoint);
        using var output = student.forward(inputs["input_ids"], inputs["attention_mask"]);
        using var loss = Losses.TeacherLearning(output.PoolerOutput, inputs["teacher"]);
        loss.backward();
        return LossAndGradients(loss, student, expected);
    }

    private static double Teacher(string checkpoint, Dictionary<string, Tensor> inputs, JsonObject options, Dictionary<string, Tensor> expected)
    {
        Compare.SameNames("inputs", inputs.Keys, ["input_ids", "attention_mask"]);
        Compare.SameNames("options", options.Select(p => p.Key), []);
        Compare.SameNames("outputs", expected.Keys, ["text_embeds", "last_hidden_state"]);
        using var model = CLIPTextModelWithProjection.FromPretrained(checkpoint);
        using var output = model.forward(inputs["input_ids"], inputs["attention_mask"]);
        return Math.Max(
            Compare.Close("text_embeds", output.TextEmbeds, expected["text_embeds"]),
            Compare.Close("last_hidden_state", output.LastHiddenState, expected["last_hidden_state"]));
    }

    private static double LossAndGradients(Tensor loss, nn.Module model, Dictionary<string, Tensor> expected)
    {
        var gradients = model.named_parameters().Select(p => (Name: "grad." + p.name, Gradient: p.parameter.grad))
            .Where(p => p.Gradient is not null).ToDictionary(p => p.Name, p => p.Gradient!);
        Compare.SameNames("outputs", ["loss", .. gradients.Keys], expected.Keys);
        List<double> differences =
        [
            Compare.Close("loss", loss.reshape(1), expected["loss"], _ => TrainingTolerance.Absolute),
            .. gradients.Select(p => Compare.Close(p.Key, p.Value, expected[p.Key], TrainingTolerance.Gradient)),
        ];
        return differences.Max();
    }
}
