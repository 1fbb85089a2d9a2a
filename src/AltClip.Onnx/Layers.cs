using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>The layers that both encoders are made of.</summary>
internal static class Layers
{
    private const int ZeroPoint = 128;

    /// <summary>x W' + b.</summary>
    public static string Linear(this GraphBuilder graph, string name, string x, Linear layer)
    {
        var product = graph.Precision == OnnxPrecision.Int8 ? QuantizedProduct(graph, name, x, layer) : Product(graph, name, x, layer);
        return layer.bias is not { } bias ? product : graph.Node("Add", [product, graph.Weight($"{name}.bias", bias)]);
    }

    public static string LayerNorm(this GraphBuilder graph, string name, string x, LayerNorm layer) => graph.Node(
        "LayerNormalization", [x, graph.Weight($"{name}.weight", layer.weight!), graph.Weight($"{name}.bias", layer.bias!)],
        GraphBuilder.Attribute("axis", -1), GraphBuilder.Attribute("epsilon", layer.eps));

    /// <summary>The rows of a table that the ids name.</summary>
    public static string Embedding(this GraphBuilder graph, string name, string ids, Tensor table)
    {
        if (graph.Precision != OnnxPrecision.Int8) return graph.Node("Gather", [graph.Weight(name, table), ids]);
        using var scope = NewDisposeScope();
        var (values, scales) = Quantize(table, dimension: 1);
        var rows = graph.Node("Gather", [graph.Weight($"{name}.quantized", values, DataType.Uint8), ids]);
        var centred = graph.Node("Sub", [graph.ToComputeType(rows), graph.Number(ZeroPoint)]);
        return graph.Node("Mul", [centred, graph.Node("Gather", [graph.Weight($"{name}.scale", scales), ids])]);
    }

    /// <summary>Multi-head attention between projected queries, keys and values [batch, sequence, width].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The values.</param>
    /// <param name="mask">Added to the scores: broadcasts to [batch, heads, sequence, sequence]. Null for none.</param>
    /// <param name="heads">How many heads the width is divided among.</param>
    /// <param name="width">The width.</param>
    public static string Attention(this GraphBuilder graph, string queries, string keys, string values, string? mask, int heads, int width)
    {
        var size = width / heads;
        var scaled = graph.Node("Mul", [Heads(queries, 0, 2, 1, 3), graph.Number(1 / Math.Sqrt(size))]);
        var scores = graph.Node("MatMul", [scaled, Heads(keys, 0, 2, 3, 1)]);
        if (mask is not null) scores = graph.Node("Add", [scores, mask]);
        var weights = graph.Node("Softmax", [scores], GraphBuilder.Attribute("axis", -1));
        var context = graph.Node("MatMul", [weights, Heads(values, 0, 2, 1, 3)]);
        var rows = graph.Node("Transpose", [context], GraphBuilder.Attribute("perm", [0, 2, 1, 3]));
        return graph.Node("Reshape", [rows, graph.Integers(0, 0, width)]);

        // 0 stands for the size that there is.
        string Heads(string x, params long[] order) =>
            graph.Node("Transpose", [graph.Node("Reshape", [x, graph.Integers(0, 0, heads, size)])], GraphBuilder.Attribute("perm", order));
    }

    /// <summary>The states of the first token: [batch, width].</summary>
    public static string First(this GraphBuilder graph, string states) =>
        graph.Node("Gather", [states, graph.Integer(0)], GraphBuilder.Attribute("axis", 1));

    /// <summary>Rows in float32, each divided by its length.</summary>
    public static string ToUnitLength(this GraphBuilder graph, string rows)
    {
        var values = graph.ToFloat32(rows);
        return graph.Node("Div", [values, graph.Node("ReduceL2", [values], GraphBuilder.Attribute("axes", [-1]), GraphBuilder.Attribute("keepdims", 1))]);
    }

    private static string Product(GraphBuilder graph, string name, string x, Linear layer)
    {
        using var transposed = layer.weight.t();
        return graph.Node("MatMul", [x, graph.Weight($"{name}.weight", transposed)]);
    }

    /// <summary>
    /// The product in 8-bit integers. Weights are unsigned too: products of signed by unsigned bytes overflow in processors that have AVX2 and no VNNI.
    /// </summary>
    private static string QuantizedProduct(GraphBuilder graph, string name, string x, Linear layer)
    {
        using var scope = NewDisposeScope();
        var (weights, weightScales) = Quantize(layer.weight, dimension: 1);
        var (values, scale, zeroPoint) = graph.Quantized(x);
        using var zero = tensor((byte)ZeroPoint);
        var sums = graph.Node(
            "MatMulInteger",
            [values, graph.Weight($"{name}.weight.quantized", weights.t(), DataType.Uint8), zeroPoint, graph.Weight($"{name}.weight.zero_point", zero, DataType.Uint8)]);
        var scales = graph.Node("Mul", [scale, graph.Weight($"{name}.weight.scale", weightScales.view(-1))]);
        return graph.Node("Mul", [graph.ToComputeType(sums), scales]);
    }

    /// <summary>A matrix as bytes round 128, with a scale for each row: [rows, columns] and [rows, 1].</summary>
    private static (Tensor Values, Tensor Scales) Quantize(Tensor matrix, long dimension)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var values = matrix.cpu().to(ScalarType.Float32);
        var scales = values.abs().amax([dimension], keepdim: true).Over(ZeroPoint - 1);
        using Scalar zero = 0;
        // A row of zeros has a scale of 0, and stays one.
        var steps = values.div(scales.where(scales.gt(zero), ones_like(scales))).round().Plus(ZeroPoint);
        return scope.MoveToOuter(steps.to(ScalarType.Byte), scales);
    }
}
