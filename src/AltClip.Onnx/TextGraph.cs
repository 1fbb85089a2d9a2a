using AltClip.Modeling;
using AltClip.Modeling.Text;
using AltClip.Onnx.Format;
using static TorchSharp.torch;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>The text encoder with its projection: <c>input_ids</c> and <c>attention_mask</c> in, <c>text_embeds</c> and <c>logit_scale</c> out.</summary>
internal static class TextGraph
{
    private const string Tower = "text_model";

    /// <summary>Refuses by name what the graph doesn't compute.</summary>
    /// <exception cref="NotSupportedException">The configuration asks for relative positions, or for a decoder.</exception>
    public static void Validate(AltCLIPTextConfig config)
    {
        if (config.PositionEmbeddingType != "absolute")
            throw new NotSupportedException($"position_embedding_type is {config.PositionEmbeddingType}; only absolute positions can be exported as ONNX.");
        if (config.IsDecoder || config.AddCrossAttention)
            throw new NotSupportedException("is_decoder or add_cross_attention is true; only encoders can be exported as ONNX.");
    }

    public static ModelProto Build(AltCLIPModel model, WeightStore weights, OnnxPrecision precision)
    {
        var config = model.Config.TextConfig;
        var graph = new GraphBuilder(Tower, weights, precision);
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var attend = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");

        var mask = AdditiveMask(graph, attend);
        var states = Embed(graph, ids, model.text_model.roberta.embeddings, config);
        var layers = model.text_model.roberta.encoder.layer;
        for (var i = 0; i < layers.Count; i++) states = Layer(graph, $"{Tower}.roberta.encoder.layer.{i}", states, mask, layers[i], config);

        // Norm and maps are of each token by itself, so the class token alone needs them.
        var pooled = graph.Linear(
            $"{Tower}.transformation", graph.LayerNorm($"{Tower}.pre_LN", graph.First(states), model.text_model.pre_LN), model.text_model.transformation);
        graph.Output("text_embeds", graph.ToUnitLength(graph.Linear("text_projection", pooled, model.text_projection)), "batch", model.Config.ProjectionDim);
        using var noGrad = no_grad();
        using var scale = model.logit_scale.exp();
        graph.Output("logit_scale", graph.Weight("logit_scale.exp", scale, DataType.Float));
        return graph.Build("AltCLIP's text encoder: token ids of XLM-RoBERTa to embeddings of length one, and the factor on their cosine similarities with pictures'.");
    }

    private static string Embed(GraphBuilder graph, string ids, AltRobertaEmbeddings embeddings, AltCLIPTextConfig config)
    {
        const string name = $"{Tower}.roberta.embeddings";
        // Positions count the tokens that aren't padding, from the padding id on.
        var padding = graph.Integer(config.PadTokenId);
        var isToken = graph.Node("Cast", [graph.Node("Not", [graph.Node("Equal", [ids, padding])])], GraphBuilder.Attribute("to", (long)DataType.Int64));
        var counted = graph.Node("Mul", [graph.Node("CumSum", [isToken, graph.Integer(1)]), isToken]);
        var positions = graph.Node("Add", [counted, padding]);

        using var types = embeddings.token_type_embeddings.Table();
        using var type = types[0];
        using var wordTable = embeddings.word_embeddings.Table();
        using var positionTable = embeddings.position_embeddings.Table();
        var words = graph.Embedding($"{name}.word_embeddings.weight", ids, wordTable);
        var typed = graph.Node("Add", [words, graph.Weight($"{name}.token_type_embeddings.weight", type)]);
        var placed = graph.Node("Add", [typed, graph.Node("Gather", [graph.Weight($"{name}.position_embeddings.weight", positionTable), positions])]);
        return graph.LayerNorm($"{name}.LayerNorm", placed, embeddings.LayerNorm);
    }

    /// <summary>0 for tokens to attend to, the lowest number for padding: [batch, 1, 1, sequence].</summary>
    private static string AdditiveMask(GraphBuilder graph, string attend)
    {
        var padding = graph.Node("Sub", [graph.Number(1), graph.ToComputeType(attend)]);
        return graph.Node("Unsqueeze", [graph.Node("Mul", [padding, graph.Number(graph.Lowest)]), graph.Integers(1, 2)]);
    }

    private static string Layer(GraphBuilder graph, string name, string x, string mask, AltRobertaLayer layer, AltCLIPTextConfig config)
    {
        var self = layer.attention.self;
        var context = graph.Attention(
            graph.Linear($"{name}.attention.self.query", x, self.query), graph.Linear($"{name}.attention.self.key", x, self.key),
            graph.Linear($"{name}.attention.self.value", x, self.value), mask, config.NumAttentionHeads, config.HiddenSize);
        var attended = Output($"{name}.attention.output", context, x, layer.attention.output);
        var widened = graph.Activation(graph.Linear($"{name}.intermediate.dense", attended, layer.intermediate.dense), config.HiddenAct);
        return Output($"{name}.output", widened, attended, layer.output);

        string Output(string part, string states, string residual, AltRobertaOutput output) => graph.LayerNorm(
            $"{part}.LayerNorm", graph.Node("Add", [graph.Linear($"{part}.dense", states, output.dense), residual]), output.LayerNorm);
    }
}
