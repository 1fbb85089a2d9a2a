using AltClip.Checkpoints;

namespace AltClip.Faults.Scenarios;

/// <summary>A training run with a checkpoint after each step: it comes to the very weights that it comes to without a stop.</summary>
internal sealed class Train(ScenarioInputs inputs) : Scenario("train", inputs)
{
    private const string Checkpoint = "checkpoint.safetensors", Log = "training-log.csv";

    public override IReadOnlyList<string> Arguments(string folder) =>
    [
        "train", Inputs.Captions, "--images", Inputs.Pictures, "-o", folder, "--model", Inputs.Model, "--steps", "12", "--batch-size", "3",
        "--checkpoint-every", "1", "--resume",
    ];

    public override string? CheckStopped(string folder, Tree reference, string text)
    {
        if (Tree.Of(folder)[Checkpoint] is null) return text.Contains("step 2 ", StringComparison.Ordinal) ? "the checkpoint of the first step is gone" : null;
        using var checkpoint = SafeTensors.Open(Path.Combine(folder, Checkpoint));
        return int.TryParse(checkpoint.Metadata.GetValueOrDefault("step"), out var step) && step >= Said(text) ? null : $"step {Said(text)} was told of, and the checkpoint has step {step}";
    }

    // The log has times in it.
    public override string? CheckDone(string folder, Tree reference) => Tree.Of(folder).Difference(reference, name => name != Log);

    /// <summary>The last step before the one that was told of: its checkpoint was written in between.</summary>
    private static int Said(string text)
    {
        var steps = System.Text.RegularExpressions.Regex.Matches(text, "^step ([0-9]+) of", System.Text.RegularExpressions.RegexOptions.Multiline);
        return steps.Count == 0 ? 0 : int.Parse(steps[^1].Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1;
    }
}
