using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>
/// What is written of adapters, read by <c>peft</c>'s rules with the names of every version of transformers: each of the adapter's layers is
/// adapted, with its rank and its factor, no other is, and every tensor that replaces one of the model's gets there.
/// </summary>
[Collection(nameof(ProcessWide))]
public sealed class SavedAdapterTests : IDisposable
{
    private const string Prefix = "base_model.model.";

    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));

    /// <summary>Loaded from peft's own, whose keys and biases each have one version's names.</summary>
    public static TheoryData<string> Adapters =>
    [
        "plain", "full-paths", "regex", "rank-pattern", "alpha-pattern", "pattern-order", "pattern-part", "rslora-patterns", "bias-all", "bias-lora-only",
        "lora-bias", "modules-to-save", "modules-to-save-inside", "modules-to-save-tower", "modules-to-save-and-bias", "dora-rslora-bias", "embedding", "conv",
        "dora-conv-embedding", "pissa-patterns", "olora", "text-tower", "v5-patterns", "v5-bias-all", "v5-bias-lora-only", "v5-modules-to-save-layer",
        "v5-vision-tower", "v5-dora",
    ];

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void PeftAppliesAllOfItUnderEveryVersion(string name)
    {
        using var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", name));
        adapter.SavePretrained(_folder.Path);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!.AsObject();
        using var file = SafeTensors.Open(_folder.File("adapter_model.safetensors"));
        foreach (var inVersion in (Func<string, string>[])[name => name, NameFrom56On]) AssertApplied(adapter, config, file, inVersion);
    }

    [Fact]
    public void TheConfigurationsFieldsAreKept()
    {
        using (var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", "dora-rslora-bias"))) adapter.SavePretrained(_folder.Path);
        var (expected, found) = (Config(TestData.Path("adapters", "dora-rslora-bias")), Config(_folder.Path));
        foreach (var field in (string[])["r", "lora_alpha", "lora_dropout", "bias", "use_dora", "use_rslora", "lora_bias", "init_lora_weights", "peft_type"])
            Assert.Equal(expected[field]!.ToJsonString(), found[field]!.ToJsonString());
        using (var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", "olora"))) adapter.SavePretrained(_folder.Path);
        Assert.Equal("olora", (string?)Config(_folder.Path)["init_lora_weights"]);
    }

    [Fact]
    public void ATensorUnderBothNamesMustBeTheSame()
    {
        using (var adapter = LoraAdapter.FromPretrained(_model, TestData.Path("adapters", "bias-all"))) adapter.SavePretrained(_folder.Path);
        var path = _folder.File("adapter_model.safetensors");
        const string Changed = $"{Prefix}text_model.roberta.encoder.layers.1.output.dense.bias";
        using (NewDisposeScope())
        {
            Dictionary<string, Tensor> tensors;
            using (var file = SafeTensors.Open(path)) tensors = file.Names.ToDictionary(name => name, name => file[name].clone());
            tensors[Changed].add_(1);
            SafeTensors.Save(path, tensors);
        }
        Assert.Contains(Changed, Assert.Throws<CheckpointException>(() => LoraAdapter.FromPretrained(_model, _folder.Path)).Message);
    }

    private static void AssertApplied(LoraAdapter adapter, JsonObject config, SafeTensors file, Func<string, string> inVersion)
    {
        var modules = adapter.Model.named_modules().ToDictionary(module => inVersion(module.name), module => module.name);
        Assert.Equal(adapter.LayerNames.Order(), modules.Where(module => IsTarget(config["target_modules"]!, module.Key)).Select(module => module.Value).Order());
        foreach (var layer in adapter.layers)
        {
            var name = inVersion(layer.Name);
            var (rank, alpha) = ((int?)Of(config["rank_pattern"]!, name) ?? (int)config["r"]!, (double?)Of(config["alpha_pattern"]!, name) ?? (double)config["lora_alpha"]!);
            Assert.Equal((layer.Options.Rank, layer.Options.Alpha), (rank, alpha));
            Assert.Equal(layer.Options.Scale, alpha / ((bool)config["use_rslora"]! ? Math.Sqrt(rank) : rank), 1e-12);
        }

        // A parameter of an adapted module is one of its base_layer; what is saved whole peft looks up by its own name.
        var adapted = adapter.LayerNames.ToHashSet();
        foreach (var (name, value) in adapter.Whole.Parameters)
        {
            var (module, own) = (name[..name.LastIndexOf('.')], name[name.LastIndexOf('.')..]);
            using var written = file[Prefix + inVersion(module) + (adapted.Contains(module) ? ".base_layer" : "") + own];
            Assert.True(written.equal(value).all().item<bool>(), name);
        }
        var whole = config["modules_to_save"]?.AsArray().Select(end => (string)end!).ToArray() ?? [];
        Assert.All(modules.Keys.Where(module => whole.Any(end => module.EndsWith(end, StringComparison.Ordinal))), module =>
            Assert.All(adapter.Model.named_parameters().Where(p => inVersion(p.name).StartsWith(module + ".", StringComparison.Ordinal)), p => Assert.Contains(Prefix + inVersion(p.name), file.Names)));
    }

    private static bool IsTarget(JsonNode targets, string name) => targets is JsonArray list
        ? list.Any(target => name == (string)target! || name.EndsWith("." + (string)target!, StringComparison.Ordinal))
        : Regex.IsMatch(name, $@"^(?:{(string)targets!})\z");

    private static JsonNode? Of(JsonNode pattern, string name) =>
        pattern.AsObject().FirstOrDefault(entry => Regex.IsMatch(name, $@"^(.*\.)?({entry.Key})$")).Value;

    private static string NameFrom56On(string name) => name.Replace("roberta.encoder.layer.", "roberta.encoder.layers.", StringComparison.Ordinal);

    private static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!.AsObject();
}
