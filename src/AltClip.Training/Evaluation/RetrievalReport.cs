using System.Globalization;
using System.Text.Json.Nodes;
using AltClip.Imaging;

namespace AltClip.Training.Evaluation;

/// <summary>How often what belongs together was found, 0 to 1.</summary>
/// <param name="R1">The part of queries that found it first.</param>
/// <param name="R5">The part of queries that found it among the first five.</param>
/// <param name="R10">The part of queries that found it among the first ten.</param>
public sealed record Recalls(double R1, double R5, double R10)
{
    /// <summary>The mean of the three.</summary>
    public double Mean => (R1 + R5 + R10) / 3;

    /// <summary>The mean rank of the first right one, from 1.</summary>
    public double MeanRank { get; internal init; }

    /// <summary>The median rank of the first right one, from 1; of an even number the mean of the middle two, rounded down.</summary>
    public int MedianRank { get; internal init; }

    internal static Recalls Of(IReadOnlyCollection<int> ranks)
    {
        double Within(int count) => (double)ranks.Count(rank => rank < count) / ranks.Count;
        var sorted = ranks.Order().ToList();
        var middle = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        return new(Within(1), Within(5), Within(10)) { MeanRank = ranks.Average() + 1, MedianRank = middle + 1 };
    }
}

/// <summary>The result of an image-text retrieval.</summary>
/// <param name="TextRetrieval">Pictures as queries: one finds if any of its captions is among the first.</param>
/// <param name="ImageRetrieval">Captions as queries.</param>
/// <param name="Images">The pictures.</param>
/// <param name="Texts">The captions.</param>
/// <param name="Skipped">The pictures that could not be read and don't count, nor do their captions.</param>
public sealed record RetrievalReport(
    Recalls TextRetrieval, Recalls ImageRetrieval, int Images, int Texts, IReadOnlyList<SkippedImage> Skipped)
{
    /// <summary>The mean recall (MR) of the AltCLIP paper: the mean of all six numbers.</summary>
    public double MeanRecall => (TextRetrieval.Mean + ImageRetrieval.Mean) / 2;

    /// <summary>The result as JSON; the recalls have CLIP_benchmark's names.</summary>
    public string ToJson() => new JsonObject
    {
        ["text_retrieval_recall@1"] = TextRetrieval.R1,
        ["text_retrieval_recall@5"] = TextRetrieval.R5,
        ["text_retrieval_recall@10"] = TextRetrieval.R10,
        ["image_retrieval_recall@1"] = ImageRetrieval.R1,
        ["image_retrieval_recall@5"] = ImageRetrieval.R5,
        ["image_retrieval_recall@10"] = ImageRetrieval.R10,
        ["mean_recall"] = MeanRecall,
        ["text_retrieval_mean_rank"] = TextRetrieval.MeanRank,
        ["text_retrieval_median_rank"] = TextRetrieval.MedianRank,
        ["image_retrieval_mean_rank"] = ImageRetrieval.MeanRank,
        ["image_retrieval_median_rank"] = ImageRetrieval.MedianRank,
        ["images"] = Images,
        ["texts"] = Texts,
        ["skipped"] = new JsonArray([.. Skipped.Select(image => (JsonNode)image.Name)]),
    }.ToJsonString(ReportText.Json);

    /// <summary>The result as a table, in per cent.</summary>
    public override string ToString() => Table().ToString();

    internal ReportTable Table() => new(
        ["", "queries", "R@1", "R@5", "R@10", "mean"],
        [
            Row("picture to text", Images, TextRetrieval),
            Row("text to picture", Texts, ImageRetrieval),
            ["mean recall", "", "", "", "", ReportText.Percent(MeanRecall)],
        ]);

    private static IReadOnlyList<string> Row(string name, int queries, Recalls recalls) =>
    [
        name, queries.ToString(CultureInfo.InvariantCulture),
        .. new[] { recalls.R1, recalls.R5, recalls.R10, recalls.Mean }.Select(recall => ReportText.Percent(recall)),
    ];
}
