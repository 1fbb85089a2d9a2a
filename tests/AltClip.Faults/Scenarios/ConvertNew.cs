namespace AltClip.Faults.Scenarios;

/// <summary>A new folder appears complete, or not at all.</summary>
internal sealed class ConvertNew(ScenarioInputs inputs) : Scenario("convert", inputs)
{
    public override IReadOnlyList<string> Arguments(string folder) => ["convert", Inputs.Model, Out(folder), "--shard-size", "60KB"];

    public override bool IsDone(string folder) => Directory.Exists(Out(folder));

    // Killed between the folder's move and the end of its lock, it leaves that, which is empty and goes with the next.
    public override string? CheckStopped(string folder, Tree reference, string text) =>
        IsDone(folder) ? Tree.Of(folder).Without(name => name.EndsWith(".tmp.lock", StringComparison.Ordinal)).Difference(reference) : null;

    private static string Out(string folder) => Path.Combine(folder, "out");
}
