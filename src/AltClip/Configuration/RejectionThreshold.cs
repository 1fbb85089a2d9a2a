using System.Text.Json;
using AltClip.Hub;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>
/// The cosine that the nearest of some labels must reach, else a picture shows none of them; with how often that is wrong, measured on labelled
/// pictures. Zero-shot classification has no answer "none" of its own: its probabilities are among the labels given. It is stored beside the model it
/// was calibrated for, in <c>thresholds.json</c>.
/// </summary>
/// <remarks>Both rates are for as many labels as <see cref="LabelsPerPicture"/>: of more wrong ones, one is nearer.</remarks>
public sealed record RejectionThreshold
{
    /// <summary>The file beside a model.</summary>
    public const string FileName = "thresholds.json";

    /// <summary>What a threshold is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [HubFileGroup.Optional(FileName)];

    /// <summary>The least cosine of a picture's embedding and that of a label it shows, -1 to 1.</summary>
    public required float Similarity { get; init; }

    /// <summary>The part of pictures given no right label that one is found for all the same, 0 to 1.</summary>
    public required double FalseAcceptRate { get; init; }

    /// <summary>The part of pictures given their right label that are said to show none, 0 to 1.</summary>
    public required double FalseRejectRate { get; init; }

    /// <summary>How many labels each picture was given, at least 1.</summary>
    public required int LabelsPerPicture { get; init; }

    /// <summary>How many pictures the rates were measured on, at least 1; the threshold was chosen on others.</summary>
    public required int Pictures { get; init; }

    /// <summary>What the pictures were, in words.</summary>
    public required string CalibratedOn { get; init; }

    /// <summary>Whether a picture shows a label.</summary>
    /// <param name="similarity">The cosine of their embeddings: of a picture's labels the highest, which is the most probable one's.</param>
    public bool Accepts(float similarity) => similarity >= Similarity;

    /// <summary>Reads the threshold of a model.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <returns>The threshold; null where the model has none.</returns>
    /// <exception cref="ConfigurationException">The file is malformed; the message names it and the value.</exception>
    public static RejectionThreshold? FromPretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        return NamedFile.Read(path, (message, cause) => new ConfigurationException(message, cause), () =>
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return Read(document.RootElement.Member("rejection"));
        });
    }

    /// <summary>Writes the threshold beside a model, over the one that is there.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    /// <exception cref="IOException">The file can't be written; what was there before is then still whole.</exception>
    public void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Validate();
        StagedFiles.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(new ThresholdsFile(this), ThresholdsJson.Default.ThresholdsFile) + "\n", isSoleWriter: true);
    }

    /// <summary>Takes away the threshold of weights that are replaced: of others it would say nothing.</summary>
    internal static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));

    private static RejectionThreshold Read(JsonElement json)
    {
        var threshold = new RejectionThreshold
        {
            Similarity = (float)json.Number("similarity"),
            FalseAcceptRate = json.Number("false_accept_rate"),
            FalseRejectRate = json.Number("false_reject_rate"),
            LabelsPerPicture = json.Int("labels_per_picture"),
            Pictures = json.Int("pictures"),
            CalibratedOn = json.Text("calibrated_on"),
        };
        threshold.Validate();
        return threshold;
    }

    private void Validate()
    {
        InRange("similarity", Similarity, -1, 1);
        InRange("false_accept_rate", FalseAcceptRate, 0, 1);
        InRange("false_reject_rate", FalseRejectRate, 0, 1);
        InRange("labels_per_picture", LabelsPerPicture, 1, int.MaxValue);
        InRange("pictures", Pictures, 1, int.MaxValue);
        if (string.IsNullOrWhiteSpace(CalibratedOn)) throw new ConfigurationException("calibrated_on is empty; expected what the pictures were.");
    }

    private static void InRange(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            throw new ConfigurationException(FormattableString.Invariant($"{name} is {value:G7}; expected {least} to {most}."));
    }
}
