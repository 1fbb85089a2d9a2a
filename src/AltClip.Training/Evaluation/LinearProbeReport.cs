using System.Globalization;
using System.Text.Json.Nodes;
using AltClip.Imaging;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Training.Evaluation;

/// <summary>The result of a linear probe.</summary>
[TypeFormatterSource(typeof(ClassificationReportView))]
public sealed class LinearProbeReport : ClassificationReport
{
    internal LinearProbeReport(
        IReadOnlyList<ClassAccuracy> classes, IReadOnlyList<SkippedImage> skipped, LinearProbe probe, int trainingCount, IReadOnlyList<WeightDecayTrial> trials)
        : base(classes, skipped) =>
        (WeightDecay, Iterations, Converged, TrainingCount, Trials) = (probe.WeightDecay, probe.Iterations, probe.Converged, trainingCount, trials);

    /// <summary>The decay of the probe.</summary>
    public double WeightDecay { get; }

    /// <summary>scikit-learn's <c>C</c>: 1 / (rows · decay).</summary>
    public double C => 1 / (TrainingCount * WeightDecay);

    /// <summary>How many iterations the last fit took.</summary>
    public int Iterations { get; }

    /// <summary>Whether it reached the minimum.</summary>
    public bool Converged { get; }

    /// <summary>The pictures that the probe learned from.</summary>
    public int TrainingCount { get; }

    /// <summary>The decays that were tried; none where the decay was given.</summary>
    public IReadOnlyList<WeightDecayTrial> Trials { get; }

    internal override ReportTable Table() => base.Table() with
    {
        Below = string.Create(
            CultureInfo.InvariantCulture, $"learned from {TrainingCount} pictures, decay {WeightDecay:G4} (C {C:G4}), {Iterations} iterations{(Converged ? "" : ", not converged")}"),
    };

    private protected override JsonObject Json()
    {
        var json = base.Json();
        json.Insert(3, "training_pictures", TrainingCount);
        json.Insert(4, "weight_decay", WeightDecay);
        json.Insert(5, "c", C);
        json.Insert(6, "iterations", Iterations);
        json.Insert(7, "converged", Converged);
        json["weight_decays"] = new JsonArray([.. Trials.Select(trial => (JsonNode)new JsonObject
        {
            ["weight_decay"] = trial.WeightDecay, ["c"] = trial.C, ["acc1"] = trial.Top1, ["cross_entropy"] = trial.CrossEntropy,
        })]);
        return json;
    }
}
