using AltClip.Modeling;
using AltClip.Modeling.Vision;
using AltClip.Onnx.Format;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>The image encoder with its projection: <c>pixel_values</c> in, <c>image_embeds</c> out.</summary>
internal static class VisionGraph
{
    private const string Tower = "vision_model";

    public static ModelProto Build(AltCLIPModel model, WeightStore weights, OnnxPrecision precision)
    {
        var config = model.Config.VisionConfig;
        var graph = new GraphBuilder(Tower, weights, precision);
        var pixels = graph.Input("pixel_values", DataType.Float, "batch", config.NumChannels, config.ImageSize, config.ImageSize);

        var states = graph.LayerNorm($"{Tower}.pre_layrnorm", Embed(graph, pixels, model.vision_model.embeddings, config), model.vision_model.pre_layrnorm);
        var layers = model.vision_model.encoder.layers;
        for (var i = 0; i < layers.Count; i++) states = Layer(graph, $"{Tower}.encoder.layers.{i}", states, layers[i], config);

        var pooled = graph.LayerNorm($"{Tower}.post_layernorm", graph.First(states), model.vision_model.post_layernorm);
        graph.Output("image_embeds", graph.ToUnitLength(graph.Linear("visual_projection", pooled, model.visual_projection)), "batch", model.Config.ProjectionDim);
        return graph.Build("AltCLIP's image encoder: normalised pixels to embeddings of length one.");
    }

    private static string Embed(GraphBuilder graph, string pixels, AltCLIPVisionEmbeddings embeddings, AltCLIPVisionConfig config)
    {
        const string name = $"{Tower}.embeddings";
        var (width, side) = (config.HiddenSize, config.PatchSize);
        var values = graph.Precision == OnnxPrecision.Float16 ? graph.ToComputeType(pixels) : pixels;
        var grid = graph.Node(
            "Conv", [values, graph.Weight($"{name}.patch_embedding.weight", embeddings.patch_embedding.weight)],
            GraphBuilder.Attribute("kernel_shape", [side, side]), GraphBuilder.Attribute("strides", [side, side]));
        var patches = graph.Node("Transpose", [graph.Node("Reshape", [grid, graph.Integers(0, width, -1)])], GraphBuilder.Attribute("perm", [0, 2, 1]));

        using var classToken = embeddings.class_embedding.view(1, 1, width);
        var batch = graph.Node("Shape", [pixels], GraphBuilder.Attribute("start", 0), GraphBuilder.Attribute("end", 1));
        var shape = graph.Node("Concat", [batch, graph.Integers(1, width)], GraphBuilder.Attribute("axis", 0));
        var classTokens = graph.Node("Expand", [graph.Weight($"{name}.class_embedding", classToken), shape]);
        var sequence = graph.Node("Concat", [classTokens, patches], GraphBuilder.Attribute("axis", 1));
        using var positions = embeddings.position_embedding.Table();
        return graph.Node("Add", [sequence, graph.Weight($"{name}.position_embedding.weight", positions)]);
    }

    private static string Layer(GraphBuilder graph, string name, string x, AltCLIPEncoderLayer layer, AltCLIPVisionConfig config)
    {
        var normed = graph.LayerNorm($"{name}.layer_norm1", x, layer.layer_norm1);
        var self = layer.self_attn;
        var context = graph.Attention(
            graph.Linear($"{name}.self_attn.q_proj", normed, self.q_proj), graph.Linear($"{name}.self_attn.k_proj", normed, self.k_proj),
            graph.Linear($"{name}.self_attn.v_proj", normed, self.v_proj), mask: null, config.NumAttentionHeads, config.HiddenSize);
        var attended = graph.Node("Add", [x, graph.Linear($"{name}.self_attn.out_proj", context, self.out_proj)]);
        var widened = graph.Linear($"{name}.mlp.fc1", graph.LayerNorm($"{name}.layer_norm2", attended, layer.layer_norm2), layer.mlp.fc1);
        return graph.Node("Add", [attended, graph.Linear($"{name}.mlp.fc2", graph.Activation(widened, config.HiddenAct), layer.mlp.fc2)]);
    }
}
