using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using static TorchSharp.torch;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads weights, configurations and adapters.</summary>
internal sealed class ModelReaders(Seeds seeds) : IDisposable
{
    private readonly AltCLIPModel _model = AltCLIPModel.FromPretrained(seeds.At("checkpoints", "base-f16"), float32);

    public IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("safetensors", () => new("", [seeds.SmallTensors()], ReadTensors, NamesMember: true)),
        ("pickle", () => new("", [.. Bins(seeds)], ReadWeights)),
        ("index", () => new("", [seeds.Of("checkpoints", "base-sharded"), seeds.Of("checkpoints", "base-bin-sharded")], ReadWeights, Changes: name => name.EndsWith(".index.json", StringComparison.Ordinal))),
        ("config", () => new("", [.. Configs(seeds)], folder => AltCLIPConfig.FromPretrained(folder), NamesMember: true)),
        ("text-config", () => new("", [.. Configs(seeds)], folder => AltCLIPTextConfig.FromPretrained(folder), NamesMember: true)),
        ("vision-config", () => new("", [.. Configs(seeds)], folder => AltCLIPVisionConfig.FromPretrained(folder), NamesMember: true)),
        ("model", () => new("", [.. seeds.Folders("checkpoints", "config.json")], folder => AltCLIPModel.FromPretrained(folder, float32).Dispose())),
        ("adapter", () => new("", [.. seeds.Folders("adapters", "adapter_config.json")], ReadAdapter)),
        ("adapter-config", () => new("", [.. AdapterConfigs(seeds)], ReadAdapter, NamesMember: true, Changes: name => name == "adapter_config.json")),
    ];

    public void Dispose() => _model.Dispose();

    private static void ReadTensors(string folder)
    {
        using var file = SafeTensors.Open(Path.Combine(folder, "model.safetensors"));
        foreach (var name in file.Names) file[name].Dispose();
    }

    private static void ReadWeights(string folder) => CheckpointInfo.Read(folder);

    private void ReadAdapter(string folder) => LoraAdapter.FromPretrained(_model, folder).Dispose();

    private static IEnumerable<FuzzSeed> Bins(Seeds seeds) =>
        ((string[][])[["base-bin-sharded", "pytorch_model-00008-of-00008.bin"], ["base-bin-legacy", "pytorch_model.bin"]])
            .Select(file => seeds.Of(file[0], ("pytorch_model.bin", File.ReadAllBytes(seeds.At("checkpoints", file[0], file[1])))));

    private static IEnumerable<FuzzSeed> Configs(Seeds seeds) => Directory.GetFiles(seeds.At("."), "config.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => seeds.Of(file, ("config.json", File.ReadAllBytes(file))));

    // Most of them are refused or read before the weights are looked at.
    private static IEnumerable<FuzzSeed> AdapterConfigs(Seeds seeds) => seeds.Folders("adapters", "adapter_config.json");
}
