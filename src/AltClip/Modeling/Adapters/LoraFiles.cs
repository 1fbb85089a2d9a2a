using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter's files in the layout of Python's <c>peft</c>.</summary>
internal static class LoraFiles
{
    /// <summary>What <c>peft</c> puts before the names of the model's layers.</summary>
    public const string Prefix = "base_model.model.";

    internal const string WeightsName = "adapter_model.safetensors";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";

    /// <summary>What an adapter is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [new(true, [LoraConfigFile.Name, WeightsName])];

    public static void Save(string folder, LoraAdapter adapter)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var tensors = adapter.named_parameters().Select(p => KeyValuePair.Create(Prefix + p.name, (Tensor)p.parameter));
        using var staged = new StagedFiles();
        using (var stream = staged.Create(Path.Combine(folder, WeightsName)))
            new SafeTensorsWriter(tensors, new Dictionary<string, string> { ["format"] = "pt" }).Write(stream);
        staged.CreateText(Path.Combine(folder, LoraConfigFile.Name), LoraConfigFile.Text(adapter));
        staged.Commit();
    }

    public static SafeTensors OpenWeights(string folder) => SafeTensors.Open(Path.Combine(folder, WeightsName));

    /// <summary>The names of the layers that the file has an adapter for.</summary>
    /// <exception cref="CheckpointException">A tensor is for no linear layer of the model, or has another shape.</exception>
    public static IReadOnlyList<string> CheckedLayers(SafeTensors file, Dictionary<string, Linear> linears, int rank)
    {
        var problems = new List<string>();
        var layers = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors)
        {
            var suffix = tensor.Name.EndsWith(DownSuffix, StringComparison.Ordinal) ? DownSuffix : UpSuffix;
            if (!tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) || !tensor.Name.EndsWith(suffix, StringComparison.Ordinal)
                || !linears.TryGetValue(tensor.Name[Prefix.Length..^suffix.Length], out var linear))
            {
                problems.Add($"unexpected: {tensor.Name}");
                continue;
            }
            long[] expected = suffix == DownSuffix ? [rank, linear.weight.shape[1]] : [linear.weight.shape[0], rank];
            if (!tensor.Shape.SequenceEqual(expected))
                problems.Add($"{tensor.Name} has shape [{string.Join(", ", tensor.Shape)}]; expected {Check.Text(expected)}");
            layers.Add(tensor.Name[Prefix.Length..^suffix.Length]);
        }
        problems.AddRange(layers.SelectMany(name => new[] { Prefix + name + DownSuffix, Prefix + name + UpSuffix })
            .Where(name => !file.Names.Contains(name)).Select(name => $"missing: {name}"));
        if (layers.Count == 0) problems.Add($"missing: any {Prefix}…{DownSuffix}");
        return problems.Count == 0 ? [.. layers] : throw CheckpointException.StateMismatch(file.Path, problems);
    }
}
