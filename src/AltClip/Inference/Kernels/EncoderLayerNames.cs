namespace AltClip.Inference.Kernels;

/// <summary>What a checkpoint calls a layer, and those of its products that have inputs of their own.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Query">The queries' product, whose inputs are the keys' and values' too.</param>
/// <param name="Output">The product after attention.</param>
/// <param name="Widen">The feed-forward part's first product.</param>
/// <param name="Narrow">Its second.</param>
internal sealed record EncoderLayerNames(string Layer, string Query, string Output, string Widen, string Narrow)
{
    /// <summary>What the names of each encoder begin with.</summary>
    public const string ImagePrefix = "vision_model.", TextPrefix = "text_model.";

    public static EncoderLayerNames OfImage(int layer) => Of(
        $"{ImagePrefix}encoder.layers.{layer}", "self_attn.q_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2");

    public static EncoderLayerNames OfText(int layer) => Of(
        $"{TextPrefix}roberta.encoder.layer.{layer}", "attention.self.query", "attention.output.dense", "intermediate.dense", "output.dense");

    private static EncoderLayerNames Of(string layer, string query, string output, string widen, string narrow) =>
        new(layer, $"{layer}.{query}", $"{layer}.{output}", $"{layer}.{widen}", $"{layer}.{narrow}");
}
