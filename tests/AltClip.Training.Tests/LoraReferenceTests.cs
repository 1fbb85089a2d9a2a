using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Adapters that peft saved: computed with as peft does, or refused by name; never with other numbers.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LoraReferenceTests
{
    private static readonly JsonArray Cases = JsonNode.Parse(File.ReadAllText(TestData.Path("adapters", "cases.json")))!["cases"]!.AsArray();

    public static TheoryData<string> Names => [.. Cases.Select(test => (string)test!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ComputesAsPeftDoesOrRefuses(string name)
    {
        var test = Cases.Single(test => (string)test!["name"]! == name)!;
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", (string)test["checkpoint"]!));
        model.eval();
        try
        {
            using var adapter = LoraAdapter.FromPretrained(model, TestData.Path("adapters", (string)test["adapter"]!));
            Assert.NotEqual("refuse", (string)test["must"]!);
            AssertOutputs(model, test);
            adapter.Merge();
            AssertOutputs(model, test);
        }
        catch (ConfigurationException e)
        {
            Assert.NotNull(test["refusal_says"]);
            Assert.Contains(test["refusal_says"]!.AsArray(), says => e.Message.Contains((string)says!, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static void AssertOutputs(AltCLIPModel model, JsonNode test)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var tensors = SafeTensors.Open(TestData.Path("adapters", "tensors.safetensors"));
        Tensor Input(string name) => tensors[(string)test["inputs"]![name]!];
        using var output = model.forward(Input("input_ids"), Input("pixel_values"), Input("attention_mask"));
        var found = new Dictionary<string, Tensor>
        {
            ["text_embeds"] = output.TextEmbeds,
            ["image_embeds"] = output.ImageEmbeds,
            ["logits_per_image"] = output.LogitsPerImage,
        };
        Assert.All(test["outputs"]!.AsObject(), expected =>
        {
            var difference = (found[expected.Key] - tensors[(string)expected.Value!]).abs().max().item<float>();
            Assert.True(difference <= (expected.Key == "logits_per_image" ? 1e-4 : 1e-5), $"{expected.Key} differs by {difference}");
        });
    }
}
