using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>What a layer of either encoder consists of.</summary>
/// <param name="Names">What they are called.</param>
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
    EncoderLayerNames Names, nn.Module Layer, LayerNorm Norm1, LayerNorm Norm2, Linear Query, Linear Key, Linear Value, Linear Output, Linear Widen,
    Linear Narrow)
{
    public static EncoderLayerParts Of(AltCLIPEncoderLayer layer, int index) => new(
        EncoderLayerNames.OfImage(index), layer, layer.layer_norm1, layer.layer_norm2, layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj,
        layer.self_attn.out_proj, layer.mlp.fc1, layer.mlp.fc2);

    public static EncoderLayerParts Of(AltRobertaLayer layer, int index) => new(
        EncoderLayerNames.OfText(index), layer, layer.attention.output.LayerNorm, layer.output.LayerNorm, layer.attention.self.query, layer.attention.self.key,
        layer.attention.self.value, layer.attention.output.dense, layer.intermediate.dense, layer.output.dense);

    /// <summary>The weights of products that have inputs of their own, by the names of those: W [outputs, inputs] each.</summary>
    public IEnumerable<(string Name, Tensor[] Weights)> Weights() =>
    [
        (Names.Query, [Query.weight!, Key.weight!, Value.weight!]), (Names.Output, [Output.weight!]), (Names.Widen, [Widen.weight!]),
        (Names.Narrow, [Narrow.weight!]),
    ];

    /// <summary>How many inputs each of those has.</summary>
    public IEnumerable<KeyValuePair<string, int>> Inputs() => Weights().Select(product => KeyValuePair.Create(product.Name, (int)product.Weights[0].shape[1]));

    /// <summary>The queries', keys' and values' products as one or, of the last layer, where only first tokens ask, the queries' apart.</summary>
    /// <param name="last">Whether it is the last layer.</param>
    /// <param name="queryFactor">What the queries are multiplied by.</param>
    /// <param name="inputFactors">What the columns of weights are multiplied by, [inputs]; null for nothing.</param>
    /// <param name="valueDivisors">What the values are divided by, [outputs]; null for nothing.</param>
    /// <returns>Weights [outputs, inputs] and biases [outputs], which belong to the current dispose scope.</returns>
    public ((Tensor Weight, Tensor Bias)? Query, (Tensor Weight, Tensor Bias) KeyValue) Asking(
        bool last, double queryFactor, Tensor? inputFactors = null, Tensor? valueDivisors = null)
    {
        (Tensor Weight, Tensor Bias) query = (Query.weight!.Times(queryFactor), Query.bias!.Times(queryFactor));
        Tensor[] weights = [Key.weight!, Value.weight!], biases = [Key.bias!, Value.bias!];
        if (valueDivisors is not null) (weights[1], biases[1]) = (weights[1] / valueDivisors.unsqueeze(1), biases[1] / valueDivisors);
        if (inputFactors is not null)
        {
            query = (query.Weight * inputFactors, query.Bias);
            weights = [.. weights.Select(weight => weight * inputFactors)];
        }
        return last
            ? (query, (cat(weights), cat(biases)))
            : (null, (cat([query.Weight, .. weights]), cat([query.Bias, .. biases])));
    }
}
