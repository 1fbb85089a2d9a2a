using System.Globalization;
using System.Text.Json.Nodes;
using AltClip.Imaging;

namespace AltClip.Training.Evaluation;

/// <summary>What probes of as many pictures a class came to.</summary>
/// <param name="Shots">The pictures of each class.</param>
/// <param name="Draws">The result of each draw.</param>
public sealed record FewShotResult(int Shots, IReadOnlyList<LinearProbeReport> Draws)
{
    /// <summary>The mean of <see cref="ClassificationReport.Top1"/>.</summary>
    public double Top1 => Draws.Average(draw => draw.Top1);

    /// <summary>The sample standard deviation of <see cref="ClassificationReport.Top1"/>; null of one draw.</summary>
    public double? Top1Deviation => Deviation(draw => draw.Top1);

    /// <summary>The mean of <see cref="ClassificationReport.Top5"/>.</summary>
    public double Top5 => Draws.Average(draw => draw.Top5);

    /// <summary>The sample standard deviation of <see cref="ClassificationReport.Top5"/>; null of one draw.</summary>
    public double? Top5Deviation => Deviation(draw => draw.Top5);

    /// <summary>The mean of <see cref="ClassificationReport.MeanPerClass"/>.</summary>
    public double MeanPerClass => Draws.Average(draw => draw.MeanPerClass);

    /// <summary>The sample standard deviation of <see cref="ClassificationReport.MeanPerClass"/>; null of one draw.</summary>
    public double? MeanPerClassDeviation => Deviation(draw => draw.MeanPerClass);

    private double? Deviation(Func<LinearProbeReport, double> value)
    {
        if (Draws.Count < 2) return null;
        var mean = Draws.Average(value);
        return Math.Sqrt(Draws.Sum(draw => Math.Pow(value(draw) - mean, 2)) / (Draws.Count - 1));
    }
}

/// <summary>The result of a few-shot evaluation.</summary>
/// <param name="Results">For each number of pictures a class.</param>
/// <param name="Skipped">The pictures that could not be read and don't count.</param>
public sealed record FewShotReport(IReadOnlyList<FewShotResult> Results, IReadOnlyList<SkippedImage> Skipped)
{
    /// <summary>The result as JSON; the numbers have CLIP_benchmark's names, and each draw's decay is there.</summary>
    public string ToJson() => new JsonObject
    {
        ["shots"] = new JsonArray([.. Results.Select(result => (JsonNode)new JsonObject
        {
            ["shots"] = result.Shots,
            ["acc1"] = result.Top1,
            ["acc1_deviation"] = result.Top1Deviation,
            ["acc5"] = result.Top5,
            ["acc5_deviation"] = result.Top5Deviation,
            ["mean_per_class_recall"] = result.MeanPerClass,
            ["mean_per_class_recall_deviation"] = result.MeanPerClassDeviation,
            ["draws"] = new JsonArray([.. result.Draws.Select(draw => (JsonNode)new JsonObject
            {
                ["acc1"] = draw.Top1, ["acc5"] = draw.Top5, ["mean_per_class_recall"] = draw.MeanPerClass, ["weight_decay"] = draw.WeightDecay,
            })]),
        })]),
        ["pictures"] = Results[0].Draws[0].Count,
        ["skipped"] = new JsonArray([.. Skipped.Select(image => (JsonNode)image.Name)]),
    }.ToJsonString(ReportText.Json);

    /// <summary>The result as a table, in per cent.</summary>
    public override string ToString() => Table().ToString();

    internal ReportTable Table() => new(
        ["shots", "draws", "top-1 %", "±", "top-5 %", "±", "mean of classes %", "±"],
        [.. Results.Select(result => (IReadOnlyList<string>)
        [
            result.Shots.ToString(CultureInfo.InvariantCulture), result.Draws.Count.ToString(CultureInfo.InvariantCulture),
            ReportText.Percent(result.Top1), ReportText.Percent(result.Top1Deviation), ReportText.Percent(result.Top5), ReportText.Percent(result.Top5Deviation),
            ReportText.Percent(result.MeanPerClass), ReportText.Percent(result.MeanPerClassDeviation),
        ])]);
}
