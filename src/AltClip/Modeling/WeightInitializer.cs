using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Gives the parameters of a model without weights their first values, drawn from torch's random generator.</summary>
internal static class WeightInitializer
{
    public static void Initialize(AltCLIPModel model, WeightInitialization initialization) => Fill(
        model, initialization, name => name switch
        {
            _ when name.StartsWith("text_model.", StringComparison.Ordinal) => TextDeviation(model.Config.TextConfig),
            _ when name.StartsWith("vision_model.", StringComparison.Ordinal) => VisionDeviation(name, model.Config.VisionConfig, model.Config.InitializerFactor),
            "text_projection.weight" => model.Config.InitializerFactor / Math.Sqrt(model.Config.TextConfig.ProjectDim),
            _ => model.Config.InitializerFactor / Math.Sqrt(model.Config.VisionConfig.HiddenSize),
        }, model.Config.TextConfig.PadTokenId, model.Config.LogitScaleInitValue);

    public static void Initialize(AltCLIPTextModel model, WeightInitialization initialization) =>
        Fill(model, initialization, _ => TextDeviation(model.Config), model.Config.PadTokenId);

    public static void Initialize(AltCLIPVisionModel model, WeightInitialization initialization) =>
        Fill(model, initialization, name => VisionDeviation(name, model.Config, model.Config.InitializerFactor));

    private static void Fill(
        nn.Module model, WeightInitialization initialization, Func<string, double> deviation, long? padding = null, double logitScale = 0)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar one = 1, scale = logitScale;
        foreach (var slot in ParameterSlots.Of(model))
        {
            var values = empty(slot.Shape, float32);
            if (slot.Name == nameof(AltCLIPModel.logit_scale)) values.fill_(scale);
            else if (slot.Name.EndsWith(".bias", StringComparison.Ordinal)) values.zero_();
            else if (IsLayerNorm(slot)) values.fill_(one);
            else values.normal_(0, initialization == WeightInitialization.FanIn ? FanInDeviation(slot) : deviation(slot.Name));
            if (padding is { } row && HasPaddingRow(slot.Name)) values[row].zero_();
            slot.Set(Skeleton.Parameter(values));
        }
    }

    private static bool IsLayerNorm(ParameterSlot slot) => slot.Shape.Length == 1 && slot.Name.EndsWith(".weight", StringComparison.Ordinal);

    private static bool HasPaddingRow(string name) =>
        name.EndsWith("word_embeddings.weight", StringComparison.Ordinal) || name.EndsWith("position_embeddings.weight", StringComparison.Ordinal);

    /// <summary>The elements of one row; for an embedding that is its width.</summary>
    private static double FanInDeviation(ParameterSlot slot) =>
        1 / Math.Sqrt(slot.Shape.Length == 1 ? slot.Shape[0] : slot.Shape[1..].Aggregate(1L, (product, size) => product * size));

    private static double TextDeviation(AltCLIPTextConfig config) => config.InitializerFactor;

    // In a full model transformers scales the image encoder by the full configuration's factor, not by the encoder's own.
    private static double VisionDeviation(string name, AltCLIPVisionConfig config, double factor)
    {
        var width = 1 / Math.Sqrt(config.HiddenSize);
        var depth = 1 / Math.Sqrt(2 * config.NumHiddenLayers);
        return factor * name[(name.LastIndexOf('.', name.LastIndexOf('.') - 1) + 1)..] switch
        {
            "q_proj.weight" or "k_proj.weight" or "v_proj.weight" or "fc2.weight" => width * depth,
            "fc1.weight" => width / Math.Sqrt(2),
            "patch_embedding.weight" or "position_embedding.weight" => config.InitializerRange,
            _ => width, // out_proj and the class embedding
        };
    }
}
