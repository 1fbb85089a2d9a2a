using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling;
using AltClip.Pipeline;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>One case of a model's files: loaded, called, and held against what must come out.</summary>
/// <param name="folder">The folder of its <c>cases.json</c>.</param>
/// <param name="test">The case.</param>
/// <param name="tensors">Its tensors by name.</param>
/// <param name="types">What a configuration that is written may be; null where the folder says nothing of it.</param>
internal sealed class ForeignModelCase(string folder, JsonObject test, SafeTensors tensors, StrictTypes? types)
{
    private static readonly string[] KnownKeys =
    [
        "name", "checkpoint", "call", "inputs", "options", "outputs", "must", "says", "says_any_of", "longest_message", "missing", "prefix",
        "unexpected_tensors", "must_not_exist", "effective", "reads", "by", "note", "files",
    ];

    /// <summary>Counted numbers of 2022's files, which a report may leave out.</summary>
    private static readonly string[] Buffers = ["position_ids", "token_type_ids"];

    private readonly JsonObject _options = (JsonObject)(test["options"] ?? new JsonObject());

    /// <returns>The worst difference.</returns>
    public double Run()
    {
        Compare.SameNames("keys of the case", test.Select(p => p.Key).Except(KnownKeys), []);
        var checkpoint = Path.Combine(folder, (string)test["checkpoint"]!);
        using var noGrad = no_grad();
        if (Call == "encode_prompt") return EncodePrompt(checkpoint);
        using var model = Load(checkpoint);
        CheckReport(model.LoadReport!);
        if (model is AltCLIPModel full) CheckConfig(full.Config);
        if (Call == "load") return 0;

        var inputs = Named("inputs");
        try
        {
            var (result, outputs) = Outputs(model, inputs);
            using (result) return Worst(outputs);
        }
        finally
        {
            foreach (var tensor in inputs.Values) tensor.Dispose();
        }
    }

    private string Call => (string)test["call"]!;

    private ScalarType Dtype => ModelsGroup.Dtype((string?)_options["load_as"] ?? "float32");

    private bool IsAltDiffusion => Path.GetFileName(folder) == "altdiffusion" && (string?)_options["as"] != nameof(AltCLIPModel);

    private AltCLIPPreTrainedModel Load(string checkpoint)
    {
        var (subfolder, variant) = ((string?)_options["subfolder"], (string?)_options["variant"]);
        return IsAltDiffusion
            ? AltDiffusionTextEncoder.FromPretrained(checkpoint, Dtype, subfolder: subfolder, variant: variant)
            : AltCLIPModel.FromPretrained(checkpoint, Dtype, subfolder: subfolder, variant: variant);
    }

    private (IDisposable Result, Dictionary<string, Tensor> Outputs) Outputs(AltCLIPPreTrainedModel model, Dictionary<string, Tensor> inputs)
    {
        if (model is not AltDiffusionTextEncoder encoder)
        {
            string[] ofLoading = ["load_as", "variant", "subfolder"];
            var call = new ModelCall(inputs, _options.Where(option => !ofLoading.Contains(option.Key)).ToDictionary(p => p.Key, p => p.Value!));
            var result = call.Run(Call, model);
            call.RefuseUnused();
            return result;
        }
        var output = encoder.forward(inputs["input_ids"], inputs.GetValueOrDefault("attention_mask"));
        return (output, new() { ["projection_state"] = output.ProjectionState, ["last_hidden_state"] = output.LastHiddenState });
    }

    private double EncodePrompt(string checkpoint)
    {
        using var encoder = AltDiffusionPromptEncoder.FromPretrained(checkpoint, Dtype, variant: (string?)_options["variant"]);
        using var embeddings = encoder.Encode(
            Texts("prompt")!, Texts("negative_prompt"), (int?)_options["num_images_per_prompt"] ?? 1, (bool?)_options["do_classifier_free_guidance"] ?? true);
        var outputs = new Dictionary<string, Tensor> { ["prompt_embeds"] = embeddings.PromptEmbeds };
        if (embeddings.NegativePromptEmbeds is { } negative) outputs["negative_prompt_embeds"] = negative;
        return Worst(outputs);
    }

    private string[]? Texts(string option) => _options[option] switch
    {
        null => null,
        JsonArray texts => [.. texts.Select(text => (string)text!)],
        var text => [(string)text!],
    };

    private double Worst(Dictionary<string, Tensor> outputs)
    {
        var expected = Named("outputs");
        try
        {
            Compare.SameNames("outputs", outputs.Keys.Intersect(expected.Keys), expected.Keys);
            return expected.Max(wanted => Compare.Close(wanted.Key, outputs[wanted.Key], wanted.Value, _ => Compare.Absolute));
        }
        finally
        {
            foreach (var tensor in expected.Values) tensor.Dispose();
        }
    }

    private void CheckReport(LoadReport report)
    {
        if ((string?)test["prefix"] is { } prefix && prefix != report.NamePrefix)
            throw new MismatchException($"the prefix is '{report.NamePrefix}'; expected '{prefix}'");
        if (test["unexpected_tensors"] is JsonArray unexpected)
            Compare.SameNames("unexpected tensors", Counting(report.UnexpectedTensors), Counting(unexpected.Select(name => (string)name!)));

        static IEnumerable<string> Counting(IEnumerable<string> names) => names.Where(name => !Buffers.Any(name.EndsWith));
    }

    private void CheckConfig(AltCLIPConfig config)
    {
        var json = config.ToJson();
        if (types?.Broken(json) is [_, ..] broken) throw new MismatchException($"config.json would be refused: {string.Join("; ", broken)}");
        if (test["effective"] is JsonObject effective) CheckEffective("", effective, JsonNode.Parse(json)!.AsObject());
    }

    /// <summary>The values that both have. Activations have several names, and lists of tokens are read as their first.</summary>
    private static void CheckEffective(string path, JsonObject expected, JsonObject found)
    {
        foreach (var (key, value) in expected.Where(p => found.ContainsKey(p.Key) && p.Key is not ("hidden_act" or "model_type" or "architectures")))
        {
            if (value is JsonObject part) CheckEffective($"{path}{key}.", part, found[key]!.AsObject());
            else if (value is JsonValue && value.GetValueKind() == System.Text.Json.JsonValueKind.Number && (double)value != (double?)found[key])
                throw new MismatchException($"{path}{key} is {found[key]}; expected {value}");
        }
    }

    private Dictionary<string, Tensor> Named(string key) =>
        test[key]!.AsObject().ToDictionary(p => p.Key, p => tensors[(string)p.Value!]);
}
