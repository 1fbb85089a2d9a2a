using System.Globalization;
using System.Text.Json.Nodes;
using AltClip.Configuration;
using AltClip.Imaging;

namespace AltClip.Training.Evaluation;

/// <summary>A threshold and how it was found.</summary>
/// <param name="Threshold">The threshold, with its rates on pictures that it was not chosen on.</param>
/// <param name="CalibrationPictures">How many pictures it was chosen on.</param>
/// <param name="Classes">How many classes labels were drawn from.</param>
/// <param name="Skipped">The pictures that could not be read and don't count.</param>
public sealed record RejectionReport(RejectionThreshold Threshold, int CalibrationPictures, int Classes, IReadOnlyList<SkippedImage> Skipped)
{
    /// <summary>The result as JSON.</summary>
    public string ToJson() => new JsonObject
    {
        ["similarity"] = Math.Round((double)Threshold.Similarity, 4),
        ["false_accept_rate"] = Threshold.FalseAcceptRate,
        ["false_reject_rate"] = Threshold.FalseRejectRate,
        ["labels_per_picture"] = Threshold.LabelsPerPicture,
        ["pictures"] = Threshold.Pictures,
        ["calibration_pictures"] = CalibrationPictures,
        ["classes"] = Classes,
        ["skipped"] = new JsonArray([.. Skipped.Select(image => (JsonNode)image.Name)]),
    }.ToJsonString(ReportText.Json);

    /// <summary>The result as text.</summary>
    public override string ToString() => string.Concat(Lines.Select(line => $"{line[0],-39}{line[1]}\n"));

    /// <summary>What is said of it, and what it is.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> Lines =>
    [
        ["least cosine of a label that is shown", Threshold.Similarity.ToString("F4", CultureInfo.InvariantCulture)],
        ["chosen on", string.Create(CultureInfo.InvariantCulture, $"{CalibrationPictures} pictures, each with {Threshold.LabelsPerPicture} of {Classes} labels")],
        ["measured on", string.Create(CultureInfo.InvariantCulture, $"{Threshold.Pictures} others")],
        ["no right label, one found", $"{ReportText.Percent(Threshold.FalseAcceptRate)} %"],
        ["right label there, none found", $"{ReportText.Percent(Threshold.FalseRejectRate)} %"],
    ];
}
