using System.Globalization;
using System.Text.Json.Nodes;
using AltClip.Imaging;

namespace AltClip.Training.Evaluation;

/// <summary>How well pictures of one class were recognised.</summary>
/// <param name="Name">The class.</param>
/// <param name="Count">Its pictures.</param>
/// <param name="Top1">How many of them got it as their first class.</param>
/// <param name="Top5">How many got it among their first five.</param>
public sealed record ClassAccuracy(string Name, long Count, long Top1, long Top5);

/// <summary>The result of a classification.</summary>
public abstract class ClassificationReport
{
    private protected ClassificationReport(IReadOnlyList<ClassAccuracy> classes, IReadOnlyList<SkippedImage> skipped) => (Classes, Skipped) = (classes, skipped);

    /// <summary>Each class, those without pictures too.</summary>
    public IReadOnlyList<ClassAccuracy> Classes { get; }

    /// <summary>The pictures that could not be read and don't count.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>The pictures that count.</summary>
    public long Count => Classes.Sum(own => own.Count);

    /// <summary>The part of pictures whose first class was right, 0 to 1.</summary>
    public double Top1 => (double)Classes.Sum(own => own.Top1) / Count;

    /// <summary>The part of pictures whose class was among the first five, 0 to 1.</summary>
    public double Top5 => (double)Classes.Sum(own => own.Top5) / Count;

    /// <summary>The mean over the classes that have pictures of each one's <see cref="Top1"/>, 0 to 1.</summary>
    public double MeanPerClass => Classes.Where(own => own.Count > 0).Average(own => (double)own.Top1 / own.Count);

    /// <summary>The result as JSON; the three numbers have CLIP_benchmark's names.</summary>
    public string ToJson() => Json().ToJsonString(ReportText.Json);

    /// <summary>The result as a table.</summary>
    public override string ToString() => Table().ToString();

    internal virtual ReportTable Table() => new(
        ["class", "pictures", "top-1 %", "top-5 %"],
        [
            .. Classes.Select(own => (IReadOnlyList<string>)
                [own.Name, Number(own.Count), ReportText.Percent(Part(own.Top1, own.Count)), ReportText.Percent(Part(own.Top5, own.Count))]),
            ["all", Number(Count), ReportText.Percent(Top1), ReportText.Percent(Top5)],
            ["mean of classes", "", ReportText.Percent(MeanPerClass), ""],
        ]);

    private protected virtual JsonObject Json() => new()
    {
        ["acc1"] = Top1,
        ["acc5"] = Top5,
        ["mean_per_class_recall"] = MeanPerClass,
        ["pictures"] = Count,
        ["skipped"] = new JsonArray([.. Skipped.Select(image => (JsonNode)image.Name)]),
        ["classes"] = new JsonArray([.. Classes.Select(own => (JsonNode)new JsonObject
        {
            ["name"] = own.Name, ["pictures"] = own.Count, ["acc1"] = Part(own.Top1, own.Count), ["acc5"] = Part(own.Top5, own.Count),
        })]),
    };

    private static double? Part(long some, long all) => all == 0 ? null : (double)some / all;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
