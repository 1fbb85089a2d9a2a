using System.Text.Json.Nodes;
using AltClip.Modeling;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>One call of a reference case: its arguments by transformers' names, each of which must be used.</summary>
internal sealed class ModelCall(Dictionary<string, Tensor> inputs, Dictionary<string, JsonNode> options)
{
    private readonly HashSet<string> _used = [];

    /// <summary>Loads a model for the call; the caller disposes it.</summary>
    public static nn.Module Load(string call, string checkpoint, ScalarType dtype) => call switch
    {
        "AltCLIPTextModel" => AltCLIPTextModel.FromPretrained(checkpoint, dtype),
        "AltCLIPVisionModel" => AltCLIPVisionModel.FromPretrained(checkpoint, dtype),
        _ => AltCLIPModel.FromPretrained(checkpoint, dtype),
    };

    /// <summary>Makes the call.</summary>
    /// <returns>What it returned, and the tensors in it by transformers' names.</returns>
    public (IDisposable Result, Dictionary<string, Tensor> Outputs) Run(string call, nn.Module module) => (call, module) switch
    {
        (_, AltCLIPTextModel model) => Text(model),
        (_, AltCLIPVisionModel model) => Encoded(model.forward(
            Input("pixel_values")!, Flag("output_attentions"), Flag("output_hidden_states"), Flag("interpolate_pos_encoding") ?? false)),
        ("forward", AltCLIPModel model) => Forward(model),
        ("get_text_features", AltCLIPModel model) => Features(model.get_text_features(
            Input("input_ids")!, Input("attention_mask"), Input("position_ids"), Input("token_type_ids"))),
        ("get_image_features", AltCLIPModel model) => Features(model.get_image_features(
            Input("pixel_values")!, Flag("interpolate_pos_encoding") ?? false)),
        ("text_model", AltCLIPModel model) => Text(model.text_model),
        ("vision_model", AltCLIPModel model) => Encoded(model.vision_model.Forward(
            Input("pixel_values")!, Flag("output_attentions"), Flag("output_hidden_states"), Flag("interpolate_pos_encoding") ?? false)),
        _ => throw new MismatchException($"call {call} is not known"),
    };

    /// <exception cref="MismatchException">The case says something that the call did not take.</exception>
    public void RefuseUnused() => Compare.SameNames(
        "arguments", _used.Where(name => inputs.ContainsKey(name) || options.ContainsKey(name)), [.. inputs.Keys, .. options.Keys]);

    private (IDisposable, Dictionary<string, Tensor>) Forward(AltCLIPModel model)
    {
        var output = model.forward(
            Input("input_ids")!, Input("pixel_values")!, Input("attention_mask"), Input("position_ids"), Input("token_type_ids"),
            Flag("return_loss") ?? false, Flag("output_attentions"), Flag("output_hidden_states"), Flag("interpolate_pos_encoding") ?? false);
        var named = new Dictionary<string, Tensor>
        {
            ["logits_per_image"] = output.LogitsPerImage,
            ["logits_per_text"] = output.LogitsPerText,
            ["text_embeds"] = output.TextEmbeds,
            ["image_embeds"] = output.ImageEmbeds,
        };
        if (output.Loss is not null) named["loss"] = output.Loss;
        Add(named, "text_model_output.", output.TextModelOutput);
        Add(named, "vision_model_output.", output.VisionModelOutput);
        return (output, named);
    }

    private (IDisposable, Dictionary<string, Tensor>) Text(AltCLIPTextModel model) => Encoded(model.forward(
        Input("input_ids"), Input("attention_mask"), Input("token_type_ids"), Input("position_ids"), Input("head_mask"), Input("inputs_embeds"),
        Input("encoder_hidden_states"), Input("encoder_attention_mask"), Flag("output_attentions"), Flag("output_hidden_states")));

    private static (IDisposable, Dictionary<string, Tensor>) Encoded(BaseModelOutputWithPooling output)
    {
        var named = new Dictionary<string, Tensor>();
        Add(named, "", output);
        return (output, named);
    }

    private static void Add(Dictionary<string, Tensor> named, string prefix, BaseModelOutputWithPooling output)
    {
        named[prefix + "last_hidden_state"] = output.LastHiddenState;
        named[prefix + "pooler_output"] = output.PoolerOutput;
        for (var i = 0; i < output.HiddenStates?.Count; i++) named[$"{prefix}hidden_states.{i}"] = output.HiddenStates[i];
        for (var i = 0; i < output.Attentions?.Count; i++) named[$"{prefix}attentions.{i}"] = output.Attentions[i];
    }

    private static (IDisposable, Dictionary<string, Tensor>) Features(Tensor features) => (features, new() { ["features"] = features });

    private Tensor? Input(string name)
    {
        _used.Add(name);
        return inputs.GetValueOrDefault(name);
    }

    private bool? Flag(string name)
    {
        _used.Add(name);
        return options.TryGetValue(name, out var value) ? (bool)value : null;
    }
}
