using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>What a layer of either encoder consists of.</summary>
/// <param name="Layer">All of it.</param>
/// <param name="Norm1">The layer norm of attention.</param>
/// <param name="Norm2">The layer norm of the feed-forward part.</param>
/// <param name="Query">The queries' product.</param>
/// <param name="Key">The keys'.</param>
/// <param name="Value">The values'.</param>
/// <param name="Output">The product after attention.</param>
/// <param name="Widen">The feed-forward part's first product.</param>
/// <param name="Narrow">Its second.</param>
internal sealed record EncoderLayerParts(
    nn.Module Layer, LayerNorm Norm1, LayerNorm Norm2, Linear Query, Linear Key, Linear Value, Linear Output, Linear Widen, Linear Narrow)
{
    public static EncoderLayerParts Of(AltCLIPEncoderLayer layer) => new(
        layer, layer.layer_norm1, layer.layer_norm2, layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj,
        layer.self_attn.out_proj, layer.mlp.fc1, layer.mlp.fc2);

    public static EncoderLayerParts Of(AltRobertaLayer layer) => new(
        layer, layer.attention.output.LayerNorm, layer.output.LayerNorm, layer.attention.self.query, layer.attention.self.key,
        layer.attention.self.value, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense);

    /// <summary>The queries', keys' and values' products as one or, of the last layer, where only first tokens ask, the queries' apart.</summary>
    /// <param name="last">Whether it is the last layer.</param>
    /// <param name="queryFactor">What the queries are multiplied by.</param>
    /// <returns>Weights [outputs, inputs] and biases [outputs], which belong to the current dispose scope.</returns>
    public ((Tensor Weight, Tensor Bias)? Query, (Tensor Weight, Tensor Bias) KeyValue) Asking(bool last, double queryFactor)
    {
        (Tensor Weight, Tensor Bias) query = (Query.weight! * queryFactor, Query.bias! * queryFactor);
        Tensor[] weights = [Key.weight!, Value.weight!], biases = [Key.bias!, Value.bias!];
        return last
            ? (query, (cat(weights), cat(biases)))
            : (null, (cat([query.Weight, .. weights]), cat([query.Bias, .. biases])));
    }
}
