using System.Buffers.Binary;

namespace AltClip.Fuzz.Mutation;

/// <summary>Changes the header of a safetensors file, with the length that then fits, or what is behind it.</summary>
internal static class SafeTensorsMutator
{
    // That a tensor is gone shows in those around it; a training run's settings are of its metadata.
    private static readonly string[] Named = ["tensor '", "__metadata__", "other settings"];

    public static Mutated Mutate(byte[] content, Random random)
    {
        if (content.Length < 9 || BinaryPrimitives.ReadUInt64LittleEndian(content) is var length && length > (ulong)content.Length - 8)
            return new(BytesMutator.Mutate(content, random));
        var end = 8 + (int)length;
        if (random.Next(8) == 0)
            return new(random.Next(2) == 0 ? content[..random.Next(content.Length)] : [.. content, .. new byte[random.Next(1, 100)]]);
        var header = random.Next(6) == 0 ? new(BytesMutator.Mutate(content[8..end], random)) : JsonMutator.Mutate(content[8..end], random);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Content.Length);
        return new([.. prefix, .. header.Content, .. content[end..]], header.Members is { Count: > 0 } ? Named : null);
    }
}
