using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AltClip.Tests;

/// <summary>Pickles and the files of <c>torch.save</c> written by hand, in the instructions that Python's pickler uses at protocol 2.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _bytes = new();

    public PickleBuilder() => Raw(0x80, 2);

    public byte[] Bytes => [.. _bytes.ToArray(), (byte)'.'];

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Raw((byte)opcode);

    public PickleBuilder Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Op('X').Raw(length).Raw(bytes);
    }

    public PickleBuilder Number(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Raw(0x8a, sizeof(long)).Raw(bytes);
    }

    public PickleBuilder Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Tuple(params long[] numbers)
    {
        Op('(');
        foreach (long number in numbers)
            Number(number);

        return Op('t');
    }

    public PickleBuilder OrderedDictionary() => Global("collections", "OrderedDict").Op(')').Op('R');

    public PickleBuilder Storage(string type, string key, long count) =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Op('t').Op('Q');

    public PickleBuilder LegacyStorage(string type, string key, long count, params long[] view)
    {
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cuda:0").Number(count);
        _ = view is [long start, long length] ? Op('(').Text(key + "-view").Number(start).Number(length).Op('t') : Op('N');
        return Op('t').Op('Q');
    }

    /// <summary>A tensor of the storage that <paramref name="storage"/> pickles.</summary>
    public PickleBuilder Tensor(Action<PickleBuilder> storage, long offset, long[] sizes, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        storage(this);
        return Number(offset).Tuple(sizes).Tuple(strides).Raw(0x89).OrderedDictionary().Op('t').Op('R');
    }

    /// <summary>A file of the zip format.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries.Prepend(("data.pkl", pickle)))
            {
                using var entry = archive.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A file of the legacy format.</summary>
    public static byte[] Legacy(byte[] pickle, params (string Key, long Count, byte[] Bytes)[] storages)
    {
        var keys = new PickleBuilder().Op(']').Op('(');
        foreach (var (key, _, _) in storages)
            keys.Text(key);

        var system = new PickleBuilder().Op('}').Text("little_endian").Raw(0x88).Op('s');
        List<byte> file = [.. Magic, .. new PickleBuilder().Number(1001).Bytes, .. system.Bytes, .. pickle, .. keys.Op('e').Bytes];
        foreach (var (_, count, bytes) in storages)
        {
            var prefix = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, count);
            file.AddRange([.. prefix, .. bytes]);
        }

        return [.. file];
    }

    public static byte[] Magic => new PickleBuilder().Raw([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]).Bytes;
}
