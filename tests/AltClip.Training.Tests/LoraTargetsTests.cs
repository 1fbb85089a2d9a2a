using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AltClip.Modeling;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>
/// What a saved adapter says of its layers: peft must find all of them and no others, whichever version of transformers has the model.
/// </summary>
[Collection(nameof(ProcessWide))]
public sealed class LoraTargetsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("*.query *.value *.q_proj *.v_proj", "0.attention.self.query 11.self_attn.v_proj")]
    [InlineData("*", "text_projection text_model.transformation visual_projection 10.mlp.fc2 11.attention.output.dense")]
    [InlineData("*.layer.1.*query *.layers.11.*", "1.attention.self.query 11.mlp.fc1")]
    [InlineData("*.layer.0.output.dense", "0.output.dense")]
    [InlineData("*.layer.?.intermediate.dense text_projection", "9.intermediate.dense text_projection")]
    [InlineData("*transformation", "text_model.transformation")]
    public void TheyGoFromTheLayersNumberOn(string targets, string written)
    {
        var (layers, found) = SaveAndLoad(_model, targets);
        var names = found.AsArray().Select(name => (string)name!).ToArray();
        Assert.Equal(layers.Count, names.Length);
        Assert.All(written.Split(' '), name => Assert.Contains(name, names));
        Assert.DoesNotContain(names, name => name.Contains("encoder"));
        AssertExactly(layers, _model, found);
    }

    [Fact]
    public void ATowerAloneHasThemToo()
    {
        using var text = new AltCLIPTextModel(ModelBuilder.Config().TextConfig);
        var (layers, found) = SaveAndLoad(text, "*.layer.1.*key transformation");
        Assert.Equal(["1.attention.self.key", "transformation"], found.AsArray().Select(name => (string)name!).Order());
        AssertExactly(layers, text, found);
    }

    [Theory]
    [InlineData("student.*.query student.text_projection")]
    [InlineData("student.*.layer.1.*.query text_projection")]
    [InlineData("student.*.fc1")]
    public void OneOfTwoModelsIsToldFromTheOther(string targets)
    {
        using var teacher = NewModel();
        using var pair = new Pair(_model, teacher);
        var (layers, found) = SaveAndLoad(pair, targets);
        AssertExactly(layers, pair, found);
    }

    [Fact]
    public void AnAdapterWithWholeNamesIsStillRead()
    {
        var (layers, _) = SaveAndLoad(_model, "*.query *.fc1");
        var path = _folder.File("adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["target_modules"] = new JsonArray([.. layers.Select(name => JsonValue.Create(name))]);
        File.WriteAllText(path, config.ToJsonString());
        using var adapter = LoraAdapter.FromPretrained(_model, _folder.Path);
        Assert.Equal(layers, adapter.LayerNames.ToHashSet());
    }

    [Theory]
    [InlineData(16, 0)]
    [InlineData(6.5, 0.25)]
    public void FieldsHaveTheTypesOfPeft(double alpha, double dropout)
    {
        using (var adapter = LoraAdapter.Attach(_model, new LoraOptions { Alpha = alpha, Dropout = dropout })) adapter.SavePretrained(_folder.Path);
        var expected = JsonNode.Parse(File.ReadAllText(TestData.Path("adapters", "plain", "adapter_config.json")))!.AsObject();
        var written = JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!.AsObject();
        Assert.All(written.Where(field => field.Value is not null), field =>
            Assert.Equal(field.Key == "lora_alpha" && alpha == 6.5 ? "float" : Type(expected[field.Key]), Type(field.Value)));
        Assert.Equal((alpha, dropout), ((double)written["lora_alpha"]!, (double)written["lora_dropout"]!));
    }

    private (HashSet<string> Layers, JsonNode Targets) SaveAndLoad(nn.Module model, string targets)
    {
        HashSet<string> layers;
        using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 1, Targets = targets.Split(' ') }))
        {
            adapter.SavePretrained(_folder.Path);
            layers = [.. adapter.LayerNames];
        }
        using (var adapter = LoraAdapter.FromPretrained(model, _folder.Path)) Assert.Equal(layers, adapter.LayerNames.ToHashSet());
        return (layers, JsonNode.Parse(File.ReadAllText(_folder.File("adapter_config.json")))!["target_modules"]!);
    }

    private static void AssertExactly(HashSet<string> layers, nn.Module model, JsonNode targets)
    {
        string[] names = [.. model.named_modules().Select(module => module.name)];
        Assert.Equal(layers, names.Where(name => IsTarget(targets, name)).ToHashSet());
        Assert.Equal(layers, names.Where(name => IsTarget(targets, NameFrom56On(name))).ToHashSet());
    }

    /// <summary>peft's rule: a list has ends of names from a dot on, a string is a regular expression for the whole name.</summary>
    private static bool IsTarget(JsonNode targets, string name) => targets is JsonArray list
        ? list.Any(target => name == (string)target! || name.EndsWith("." + (string)target!, StringComparison.Ordinal))
        : Regex.IsMatch(name, $@"^(?:{(string)targets!})\z");

    private static string NameFrom56On(string name) => name.Replace("roberta.encoder.layer.", "roberta.encoder.layers.", StringComparison.Ordinal);

    private static string Type(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => value.ToJsonString().AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? "int" : "float",
        var other => $"{other}",
    };

    private static AltCLIPModel NewModel()
    {
        var config = ModelBuilder.Config();
        return new(
            config with { TextConfig = config.TextConfig with { NumHiddenLayers = 12 }, VisionConfig = config.VisionConfig with { NumHiddenLayers = 12 } },
            WeightInitialization.FanIn);
    }

    /// <summary>Two models in one module, as of one that learns from the other.</summary>
    private sealed class Pair : nn.Module
    {
        // One of them is at the root, where a name of the other ends like its own.
        public Pair(AltCLIPModel student, AltCLIPModel teacher) : base(nameof(Pair))
        {
            register_module(nameof(student), student);
            register_module(nameof(teacher), teacher);
            register_module("text_projection", nn.Linear(2, 2));
        }
    }
}
