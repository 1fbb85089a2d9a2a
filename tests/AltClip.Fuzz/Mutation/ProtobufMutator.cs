namespace AltClip.Fuzz.Mutation;

/// <summary>Removes, doubles, exchanges and changes the fields of a message, with the lengths that then fit.</summary>
internal static class ProtobufMutator
{
    public static byte[] Mutate(byte[] content, Random random)
    {
        var fields = Split(content);
        if (fields.Count == 0 || random.Next(5) == 0) return BytesMutator.Mutate(content, random);
        var at = random.Next(fields.Count);
        switch (random.Next(4))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.InsertRange(at, Enumerable.Repeat(fields[at], random.Next(1, 300)));
                break;
            case 2:
                var other = random.Next(fields.Count);
                (fields[at], fields[other]) = (fields[other], fields[at]);
                break;
            default:
                fields[at] = (fields[at].Key, BytesMutator.Mutate(fields[at].Value, random));
                break;
        }
        return [.. fields.SelectMany(field => (byte[])[field.Key, .. Varint(field.Value.Length), .. field.Value])];
    }

    /// <summary>The outermost fields, as long as they are of bytes.</summary>
    private static List<(byte Key, byte[] Value)> Split(byte[] content)
    {
        List<(byte, byte[])> fields = [];
        for (var at = 0; at < content.Length;)
        {
            var key = content[at++];
            long length = 0;
            for (var shift = 0; at < content.Length && shift < 28; shift += 7)
            {
                length |= (long)(content[at] & 0x7F) << shift;
                if (content[at++] < 0x80) break;
            }
            if ((key & 7) != 2 || length > content.Length - at) return fields;
            fields.Add((key, content[at..(at + (int)length)]));
            at += (int)length;
        }
        return fields;
    }

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
