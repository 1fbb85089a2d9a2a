using System.Text.Json.Nodes;
using AltClip.Pipeline;
using AltClip.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Ranks and metrics of embeddings.</summary>
internal static class EvaluationCases
{
    public static double Retrieval(Training2Case test)
    {
        test.OnlyOptions();
        int[] imageOfText = [.. test.Input("image_of_text").data<long>().ToArray().Select(image => (int)image)];
        var (images, texts) = (test.Input("image_embeds"), test.Input("text_embeds"));
        var ranks = RetrievalEvaluation.Ranks(images, texts, imageOfText);
        Same("text_retrieval_ranks", test, ranks.ByImage);
        Same("image_retrieval_ranks", test, ranks.ByText);
        var report = RetrievalEvaluation.Score(images, texts, imageOfText);
        Same(test.Expected["text_retrieval"]!, Metrics(report.TextRetrieval));
        Same(test.Expected["image_retrieval"]!, Metrics(report.ImageRetrieval));
        return 0;
    }

    public static double ZeroShot(Training2Case test)
    {
        test.OnlyOptions();
        var worst = 0.0;
        Tensor classes;
        if (test.Inputs.Contains("prompt_embeds"))
        {
            classes = PromptEnsemble.Average(test.Input("prompt_embeds").ToUnitLength().unbind());
            worst = test.Part("class_embeds", classes, test.Allow("class_embeds"));
        }
        else
        {
            classes = test.Input("class_embeds");
        }
        int[] labels = [.. test.Input("labels").data<long>().ToArray().Select(label => (int)label)];
        var images = test.Input("image_embeds");
        var scores = images.matmul(classes.t()).ToRows();
        Same("ranks", test, [.. scores.Select((row, i) => Ranking.Of(row, labels[i]))]);
        var report = ZeroShotEvaluation.Score(images, classes, labels, [.. Enumerable.Range(0, (int)classes.shape[0]).Select(i => $"{i}")]);
        Same(test.Expected, new() { ["top1"] = report.Top1, ["top5"] = report.Top5, ["mean_per_class_top1"] = report.MeanPerClass });
        return worst;
    }

    /// <summary>The loss of the probe found, in float64, is at most this much above the minimum.</summary>
    public static double LinearProbe(Training2Case test)
    {
        test.OnlyOptions("classes", "weight_decay");
        int[] labels = [.. test.Input("labels").data<long>().ToArray().Select(label => (int)label)];
        var (features, decay) = (test.Input("features"), (double)test.Options["weight_decay"]!);
        using var probe = Training.Evaluation.LinearProbe.Fit(features, labels, (int)test.Options["classes"]!, decay);
        var (logits, weight) = (probe.Scores(features).to(float64), probe.Weight.to(float64));
        var loss = nn.functional.cross_entropy(logits, tensor(labels, int64)) + decay / 2 * weight.square().sum();
        var allow = (double)test.Node["allow"]!["loss above expected"]!;
        var above = loss.ToDouble() - (double)test.Expected["loss"]!;
        if (above > allow) throw new MismatchException($"the loss is {above:g3} above the minimum; expected at most {allow:g3}");
        var (predicted, expected, clear) = (probe.Scores(test.Input("test_features")).argmax(1), test.Output("predicted").to(int64), test.Output("clear").ne(0));
        if ((predicted.ne(expected) & clear).any().item<bool>()) throw new MismatchException("a class that is clear is another");
        return Math.Max(0, above / allow);
    }

    private static Dictionary<string, double> Metrics(Recalls recalls) => new()
    {
        ["R@1"] = recalls.R1,
        ["R@5"] = recalls.R5,
        ["R@10"] = recalls.R10,
        ["mean_rank"] = recalls.MeanRank,
        ["median_rank"] = recalls.MedianRank,
    };

    private static void Same(string name, Training2Case test, IReadOnlyList<int> ranks) => Compare.Same(name, tensor(ranks.ToArray()), test.Output(name));

    private static void Same(JsonNode expected, Dictionary<string, double> actual)
    {
        Compare.SameNames("metrics", actual.Keys, expected.AsObject().Select(p => p.Key));
        foreach (var (name, value) in actual)
        {
            // Whole numbers divided by whole numbers, but a mean may be added up in another order.
            if (!(Math.Abs(value - (double)expected[name]!) <= 1e-12)) throw new MismatchException($"{name} is {value:R}; expected {expected[name]}");
        }
    }
}
