using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>Tensors checked and ordered for one safetensors file; <see cref="SafeTensors.Save"/> describes the result.</summary>
internal sealed class SafeTensorsWriter
{
    private const long ChunkElements = 1 << 24;

    private readonly List<KeyValuePair<string, Tensor>> _tensors;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    public SafeTensorsWriter(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        _tensors = [.. tensors];
        _metadata = metadata ?? new Dictionary<string, string>();
        var names = new HashSet<string>();
        foreach (var (name, tensor) in _tensors)
        {
            if (Problem(name, tensor) is { } problem)
                throw new ArgumentException(problem, nameof(tensors));

            if (!names.Add(name))
                throw new ArgumentException($"The tensor name '{name}' occurs twice; expected every name once.", nameof(tensors));
        }

        _tensors.Sort(Compare);
    }

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="cancellationToken">Stops between pieces of tensors.</param>
    public void Write(Stream stream, CancellationToken cancellationToken = default)
    {
        byte[] header = Header();
        Span<byte> prefix = stackalloc byte[SafeTensorsHeader.PrefixBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, tensor) in _tensors)
            Write(stream, tensor, cancellationToken);
    }

    private static string? Problem(string? name, Tensor? tensor) => (name, tensor) switch
    {
        (null or SafeTensorsHeader.MetadataName, _) => $"A tensor is named {name ?? "null"}; expected a name other than the reserved {SafeTensorsHeader.MetadataName}.",
        (_, null) => $"Tensor '{name}' is null.",
        (_, { IsInvalid: true }) => $"Tensor '{name}' is disposed.",
        _ when SafeTensorsDType.NameOf(tensor.dtype) is null => $"Tensor '{name}' has dtype {tensor.dtype}; expected one of {SafeTensorsDType.SupportedNames}.",
        (_, { is_sparse: true }) => $"Tensor '{name}' is sparse; expected a dense one.",
        (_, { device_type: DeviceType.META }) => $"Tensor '{name}' is on the meta device; expected one with data.",
        _ => null,
    };

    private static int Compare(KeyValuePair<string, Tensor> left, KeyValuePair<string, Tensor> right)
    {
        int byType = SafeTensorsDType.Rank(right.Value.dtype).CompareTo(SafeTensorsDType.Rank(left.Value.dtype));
        return byType != 0 ? byType : string.CompareOrdinal(left.Key, right.Key);
    }

    private byte[] Header()
    {
        using var buffer = new MemoryStream();
        // Unescaped text is what the format's own library writes; nothing here goes into HTML.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json);
            long offset = 0;
            foreach (var (name, tensor) in _tensors)
                offset = WriteInfo(json, name, tensor, offset);

            json.WriteEndObject();
        }

        while (buffer.Length % SafeTensorsHeader.PrefixBytes != 0)
            buffer.WriteByte((byte)' ');

        return buffer.ToArray();
    }

    private void WriteMetadata(Utf8JsonWriter json)
    {
        if (_metadata.Count == 0)
            return;

        json.WriteStartObject(SafeTensorsHeader.MetadataName);
        foreach (var (key, value) in _metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);

        json.WriteEndObject();
    }

    private static long WriteInfo(Utf8JsonWriter json, string name, Tensor tensor, long offset)
    {
        long end = offset + tensor.NumberOfElements * tensor.dtype.ElementSize();
        json.WriteStartObject(name);
        json.WriteString("dtype", SafeTensorsDType.NameOf(tensor.dtype));
        json.WriteStartArray("shape");
        foreach (long size in tensor.shape)
            json.WriteNumberValue(size);

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void Write(Stream stream, Tensor tensor, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.resolve_neg().cpu().contiguous().view(-1);
        long count = flat.NumberOfElements;
        for (long start = 0; start < count; start += ChunkElements)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var chunk = flat.narrow(0, start, Math.Min(ChunkElements, count - start));
            stream.Write(chunk.bytes);
        }
    }
}
