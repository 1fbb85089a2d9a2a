using System.Text.Json.Nodes;
using AltClip.Modeling.Adapters;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>What peft answers with an adapter, held against every way to compute with it here.</summary>
/// <param name="call">The call, as of <see cref="ModelCall"/>.</param>
/// <param name="inputs">Its arguments, which are disposed with it.</param>
/// <param name="expected">Its outputs, which are disposed with it.</param>
/// <param name="folder">The adapter's folder.</param>
internal sealed class AdapterReference(string call, Dictionary<string, Tensor> inputs, Dictionary<string, Tensor> expected, string folder) : IDisposable
{
    /// <summary>Ten times as much where the start of the adapter takes something out of the base, by a decomposition.</summary>
    private double Tolerance => TakesFromBase(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!) ? 1e-4 : 1e-5;

    /// <summary>Beside the weights, merged into them, packed, taken out again, and written and read again.</summary>
    /// <returns>The worst difference.</returns>
    public double Check(nn.Module model, LoraAdapter adapter)
    {
        var worst = Compared("beside the weights", model);
        adapter.Merge();
        worst = Math.Max(worst, Compared("merged", model));
        if (model is AltCLIPModel whole) worst = Math.Max(worst, Packed(whole));
        adapter.Unmerge();
        worst = Math.Max(worst, Compared("unmerged", model));
        var copy = Directory.CreateTempSubdirectory("altclip-adapter").FullName;
        try
        {
            adapter.SavePretrained(copy);
            adapter.Dispose();
            using var again = LoraAdapter.FromPretrained(model, copy);
            return Math.Max(worst, Compared("written and read again", model));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in inputs.Values.Concat(expected.Values)) tensor.Dispose();
    }

    private double Compared(string how, nn.Module model)
    {
        var calls = new ModelCall(inputs, []);
        var (result, outputs) = calls.Run(call, model);
        using (result) return expected.Max(output => Close(how, output.Key, outputs[output.Key]));
    }

    private double Packed(AltCLIPModel model)
    {
        using var packed = model.ForInference();
        using var output = packed.forward(inputs["input_ids"], inputs["pixel_values"], inputs["attention_mask"]);
        Dictionary<string, Tensor> outputs = new()
        {
            ["text_embeds"] = output.TextEmbeds,
            ["image_embeds"] = output.ImageEmbeds,
            ["logits_per_image"] = output.LogitsPerImage,
        };
        return expected.Max(pair => Close("packed", pair.Key, outputs[pair.Key]));
    }

    private double Close(string how, string name, Tensor actual) =>
        Compare.Close($"{name} {how}", actual, expected[name], _ => name.EndsWith("_embeds", StringComparison.Ordinal) ? Tolerance : 10 * Tolerance);

    private static bool TakesFromBase(JsonNode config) =>
        config["kasa_config"] is not null
        || (config["init_lora_weights"] is JsonValue start && start.TryGetValue(out string? word) && (word is "olora" or "loftq" || word.StartsWith("pissa", StringComparison.Ordinal)));
}
