using System.IO.Compression;

namespace AltClip.Fuzz.Mutation;

/// <summary>Changes the pickle of a file of torch.save, in its archive or bare: operations and their numbers, names of any module, blocks of it.</summary>
internal static class PickleMutator
{
    private const string Pickle = "data.pkl";

    // Operations that make, take, call and remember; each is one byte.
    private static readonly byte[] Operations = [.. "(.012NQRbatuesho]})l}\x80\x81\x85\x86\x87\x88\x89\x94\x93cqrjhJKMGXBUT\x8a\x8b\x8c\x8d\x8e\x95".Select(c => (byte)c)];

    private static readonly byte[][] Pieces =
    [
        "cos\nsystem\n"u8.ToArray(), "ctorch\nFloatStorage\n"u8.ToArray(), "ctorch._utils\n_rebuild_tensor_v2\n"u8.ToArray(), "ccollections\nOrderedDict\n"u8.ToArray(),
        "ctorch.nn.modules.linear\nLinear\n"u8.ToArray(), "X\xff\xff\xff\x7f"u8.ToArray(), "(((((((("u8.ToArray(), "2222222222222222"u8.ToArray(), "]q\x00(h\x00h\x00h\x00e"u8.ToArray(),
        "J\xff\xff\xff\x7f"u8.ToArray(), "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"u8.ToArray(), "}r\xff\xff\xff\xff"u8.ToArray(),
    ];

    public static byte[] Mutate(byte[] content, Random random)
    {
        // the archive around it
        if (random.Next(4) == 0) return BytesMutator.Mutate(content, random);
        if (content is not [(byte)'P', (byte)'K', ..]) return Change(content, random);
        try
        {
            return Repack(content, random);
        }
        catch (InvalidDataException)
        {
            // an earlier change broke the archive
            return BytesMutator.Mutate(content, random);
        }
    }

    private static byte[] Repack(byte[] content, Random random)
    {
        using var result = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(content)))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in from.Entries)
            {
                using var read = entry.Open();
                using var copy = new MemoryStream();
                read.CopyTo(copy);
                var bytes = entry.Name == Pickle ? Change(copy.ToArray(), random) : copy.ToArray();
                using var write = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                write.Write(bytes);
            }
        }
        return result.ToArray();
    }

    private static byte[] Change(byte[] pickle, Random random)
    {
        if (pickle.Length == 0) return pickle;
        var at = random.Next(pickle.Length);
        switch (random.Next(5))
        {
            case 0:
                var changed = (byte[])pickle.Clone();
                changed[at] = Operations[random.Next(Operations.Length)];
                return changed;
            case 1:
                return [.. pickle[..at], Operations[random.Next(Operations.Length)], .. pickle[at..]];
            case 2:
                return [.. pickle[..at], .. Pieces[random.Next(Pieces.Length)], .. pickle[at..]];
            case 3:
                return [.. pickle[..at], .. Enumerable.Repeat(Operations[random.Next(Operations.Length)], random.Next(1, 2000)), .. pickle[at..]];
            default:
                return BytesMutator.Mutate(pickle, random);
        }
    }
}
