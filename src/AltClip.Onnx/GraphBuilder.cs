using AltClip.Onnx.Format;
using Google.Protobuf;
using static TorchSharp.torch;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>
/// Puts a graph together, an operation a call: arguments and results are the names of values. Opset 17, which ONNX Runtime from 1.12 on and its builds for
/// browsers and phones run.
/// </summary>
internal sealed class GraphBuilder
{
    private const int Opset = 17;
    private const int IrVersion = 8;

    private readonly GraphProto _graph;
    private readonly WeightStore _weights;
    private readonly Dictionary<string, string> _numbers = [];
    private readonly Dictionary<string, (string Values, string Scale, string ZeroPoint)> _quantized = [];
    private int _count;

    public GraphBuilder(string name, WeightStore weights, OnnxPrecision precision)
    {
        _graph = new GraphProto { Name = name };
        _weights = weights;
        Precision = precision;
    }

    /// <summary>The numbers that weights are kept in.</summary>
    public OnnxPrecision Precision { get; }

    private DataType ComputeType => Precision == OnnxPrecision.Float16 ? DataType.Float16 : DataType.Float;

    /// <summary>The lowest finite number of the type that is computed in.</summary>
    public double Lowest => Precision == OnnxPrecision.Float16 ? (double)Half.MinValue : float.MinValue;

    /// <summary>Declares an input. A dimension is a number, or a name where it is the caller's choice.</summary>
    public string Input(string name, DataType type, params object[] shape)
    {
        _graph.Input.Add(Value(name, type, shape));
        return name;
    }

    /// <summary>Declares a value as an output, in float32.</summary>
    public void Output(string name, string value, params object[] shape)
    {
        _graph.Node.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value }, Output = { name } });
        _graph.Output.Add(Value(name, DataType.Float, shape));
    }

    /// <summary>An operation with one result.</summary>
    public string Node(string operation, string[] inputs, params AttributeProto[] attributes) => Nodes(operation, inputs, 1, attributes)[0];

    /// <summary>An operation with several results.</summary>
    public string[] Nodes(string operation, string[] inputs, int results, params AttributeProto[] attributes)
    {
        var name = $"{operation}_{_count++}";
        string[] outputs = [.. Enumerable.Range(0, results).Select(i => results == 1 ? name : $"{name}_{i}")];
        _graph.Node.Add(new NodeProto { Name = name, OpType = operation, Input = { inputs }, Output = { outputs }, Attribute = { attributes } });
        return outputs;
    }

    /// <summary>A scalar of the type that is computed in.</summary>
    public string Number(double value)
    {
        var type = ComputeType;
        var bytes = type == DataType.Float16 ? BitConverter.GetBytes((Half)value) : BitConverter.GetBytes((float)value);
        return Constant(FormattableString.Invariant($"number_{value:R}"), type, bytes);
    }

    /// <summary>A scalar integer.</summary>
    public string Integer(long value) => Constant(FormattableString.Invariant($"integer_{value}"), DataType.Int64, BitConverter.GetBytes(value));

    /// <summary>A vector of integers, such as a shape.</summary>
    public string Integers(params long[] values) => Constant(
        $"integers_{string.Join('_', values)}", DataType.Int64, [.. values.SelectMany(BitConverter.GetBytes)], values.Length);

    /// <summary>A weight in the type that is computed in. The tensor is the caller's.</summary>
    public string Weight(string name, Tensor tensor) => Add(name, tensor, ComputeType);

    /// <summary>A weight in float32 or uint8, whatever is computed in.</summary>
    public string Weight(string name, Tensor tensor, DataType type) => Add(name, tensor, type);

    /// <summary>The values as numbers of the type that is computed in.</summary>
    public string ToComputeType(string value) => Node("Cast", [value], Attribute("to", (long)ComputeType));

    /// <summary>The values as float32.</summary>
    public string ToFloat32(string value) => Precision == OnnxPrecision.Float16 ? Node("Cast", [value], Attribute("to", (long)DataType.Float)) : value;

    /// <summary>The values as 8-bit integers, with one scale and zero point found when the model runs. What is used twice is quantised once.</summary>
    public (string Values, string Scale, string ZeroPoint) Quantized(string value)
    {
        if (_quantized.TryGetValue(value, out var known)) return known;
        var results = Nodes("DynamicQuantizeLinear", [value], 3);
        return _quantized[value] = (results[0], results[1], results[2]);
    }

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, double value) =>
        new() { Name = name, F = (float)value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Attribute(string name, long[] values) => new() { Name = name, Ints = { values }, Type = AttributeProto.Types.AttributeType.Ints };

    /// <summary>The model with this graph.</summary>
    public ModelProto Build(string description) => new()
    {
        IrVersion = IrVersion,
        ProducerName = "AltClip",
        ProducerVersion = typeof(GraphBuilder).Assembly.GetName().Version!.ToString(3),
        DocString = description,
        Graph = _graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
    };

    private string Add(string name, Tensor tensor, DataType type)
    {
        _graph.Initializer.Add(_weights.Store(name, tensor, type));
        return name;
    }

    private string Constant(string name, DataType type, byte[] bytes, params long[] shape)
    {
        if (_numbers.TryGetValue(name, out var known)) return known;
        _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = UnsafeByteOperations.UnsafeWrap(bytes) });
        return _numbers[name] = name;
    }

    private static ValueInfoProto Value(string name, DataType type, object[] shape)
    {
        var dimensions = shape.Select(size => size is string symbol
            ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
            : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, null) });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto { Dim = { dimensions } } };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
