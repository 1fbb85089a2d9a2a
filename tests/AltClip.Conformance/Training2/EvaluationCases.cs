using System.Text.Json.Nodes;
using AltClip.Pipeline;
using AltClip.Training.Evaluation;
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
