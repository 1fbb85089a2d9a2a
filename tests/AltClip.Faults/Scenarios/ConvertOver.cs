using AltClip.Checkpoints;

namespace AltClip.Faults.Scenarios;

/// <summary>A sharded model is saved over another: the folder has the weights of the one or of the other, whole.</summary>
internal sealed class ConvertOver(ScenarioInputs inputs) : Scenario("save over", inputs)
{
    private readonly Dictionary<string, byte[]> _old = Weights(inputs.OtherModel), _new = Weights(inputs.Model);

    public override IReadOnlyList<string> Arguments(string folder) => ["convert", Inputs.Model, folder, "--shard-size", "60KB", "--force"];

    public override void Prepare(string folder) => Tree.Copy(Inputs.OtherModel, folder);

    public override string? CheckStopped(string folder, Tree reference, string text)
    {
        var found = Weights(folder);
        return Equal(found, _old) || Equal(found, _new) ? null : "the weights are neither the old ones nor the new ones";
    }

    // The names of the shards depend on which were there.
    public override string? CheckDone(string folder, Tree reference)
    {
        if (!Equal(Weights(folder), _new)) return "the weights are not the new ones";
        // Whose names differ are the shards'.
        var others = Tree.Of(folder).Names.Where(name => !name.EndsWith(".safetensors", StringComparison.Ordinal)).Except(reference.Names).FirstOrDefault();
        if (others is not null) return $"{others} is left over";
        return Directory.GetFiles(folder).Length == reference.Names.Count() ? null : "shards are left over";
    }

    private static bool Equal(Dictionary<string, byte[]> one, Dictionary<string, byte[]> other) =>
        one.Count == other.Count && one.All(tensor => other.TryGetValue(tensor.Key, out var bytes) && tensor.Value.AsSpan().SequenceEqual(bytes));

    private static Dictionary<string, byte[]> Weights(string folder)
    {
        Dictionary<string, byte[]> weights = [];
        foreach (var path in CheckpointInfo.Read(folder).Files)
        {
            using var file = SafeTensors.Open(path);
            foreach (var name in file.Names)
            {
                using var tensor = file[name];
                weights.Add(name, tensor.bytes.ToArray());
            }
        }
        return weights;
    }
}
