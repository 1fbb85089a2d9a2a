using System.Globalization;
using AltClip.Onnx.Format;
using Google.Protobuf;
using static TorchSharp.torch;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>
/// Where the weights of a graph are kept: in the model's own file, or, since a file of protobuf ends at 2 GB, in one beside it.
/// </summary>
/// <param name="beside">The file beside, which stays the caller's; null to keep all in the model.</param>
/// <param name="fileName">Its name, by which the model finds it.</param>
internal sealed class WeightStore(Stream? beside, string fileName)
{
    // What maps a file into memory wants tensors to begin on a page.
    private const int PageSize = 4096;
    private const long ChunkElements = 1 << 22;

    /// <summary>Keeps a tensor, converted to a type.</summary>
    public TensorProto Store(string name, Tensor tensor, DataType type)
    {
        var stored = new TensorProto { Name = name, DataType = (int)type, Dims = { tensor.shape } };
        if (beside is null || tensor.NumberOfElements < PageSize)
        {
            using var buffer = new MemoryStream();
            Write(buffer, tensor, type);
            stored.RawData = UnsafeByteOperations.UnsafeWrap(buffer.ToArray());
            return stored;
        }
        beside.SetLength((beside.Position + PageSize - 1) / PageSize * PageSize);
        beside.Seek(0, SeekOrigin.End);
        var start = beside.Position;
        Write(beside, tensor, type);
        stored.DataLocation = TensorProto.Types.DataLocation.External;
        foreach (var (key, value) in new[] { ("location", fileName), ("offset", Text(start)), ("length", Text(beside.Position - start)) })
            stored.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return stored;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes a tensor's values, a part at a time.</summary>
    public static void Write(Stream stream, Tensor tensor, DataType type)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.cpu().contiguous().view(-1);
        for (long start = 0, count = flat.NumberOfElements; start < count; start += ChunkElements)
        {
            using var chunk = flat.narrow(0, start, Math.Min(ChunkElements, count - start)).to(ScalarTypeOf(type));
            stream.Write(chunk.bytes);
        }
    }

    private static ScalarType ScalarTypeOf(DataType type) => type switch
    {
        DataType.Float => ScalarType.Float32,
        DataType.Float16 => ScalarType.Float16,
        DataType.Uint8 => ScalarType.Byte,
        DataType.Int64 => ScalarType.Int64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of weights."),
    };
}
