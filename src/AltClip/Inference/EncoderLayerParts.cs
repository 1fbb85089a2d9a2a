using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using TorchSharp.Modules;

namespace AltClip.Inference;

/// <summary>What a layer of either encoder consists of.</summary>
/// <param name="Norm1">The layer norm of attention.</param>
/// <param name="Norm2">The layer norm of the feed-forward part.</param>
/// <param name="Query">The queries' product.</param>
/// <param name="Key">The keys'.</param>
/// <param name="Value">The values'.</param>
/// <param name="Output">The product after attention.</param>
/// <param name="Widen">The feed-forward part's first product.</param>
/// <param name="Narrow">Its second.</param>
internal sealed record EncoderLayerParts(
    LayerNorm Norm1, LayerNorm Norm2, Linear Query, Linear Key, Linear Value, Linear Output, Linear Widen, Linear Narrow)
{
    public static EncoderLayerParts Of(AltCLIPEncoderLayer layer) => new(
        layer.layer_norm1, layer.layer_norm2, layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj,
        layer.self_attn.out_proj, layer.mlp.fc1, layer.mlp.fc2);

    public static EncoderLayerParts Of(AltRobertaLayer layer) => new(
        layer.attention.output.LayerNorm, layer.output.LayerNorm, layer.attention.self.query, layer.attention.self.key,
        layer.attention.self.value, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense);
}
