using System.Buffers.Binary;

namespace AltClip.Fuzz.Mutation;

/// <summary>Changes bytes without knowing what they mean: bits, numbers of all widths, blocks that go, come or move.</summary>
internal static class BytesMutator
{
    private static readonly long[] Numbers =
        [0, 1, -1, 2, 127, 128, 255, 256, 32767, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, 100_000_000, 1L << 40, 1L << 62, long.MaxValue, long.MinValue];

    public static byte[] Mutate(byte[] content, Random random)
    {
        if (content.Length == 0) return [(byte)random.Next(256)];
        var result = (byte[])content.Clone();
        var at = At(content.Length, random);
        var length = Math.Min(1 << random.Next(12), content.Length - at);
        switch (random.Next(7))
        {
            case 0:
                result[at] ^= (byte)(1 << random.Next(8));
                return result;
            case 1:
                result[at] = (byte)random.Next(256);
                return result;
            case 2:
                Span<byte> number = stackalloc byte[8];
                var value = Numbers[random.Next(Numbers.Length)];
                var width = 1 << random.Next(4);
                if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(number, value);
                else BinaryPrimitives.WriteInt64BigEndian(number, value << (64 - (width * 8)));
                number[..Math.Min(width, content.Length - at)].CopyTo(result.AsSpan(at));
                return result;
            case 3:
                return [.. content[..at], .. content[(at + length)..]];
            case 4:
                return [.. content[..at], .. content[at..(at + length)], .. content[at..]];
            case 5:
                content.AsSpan(At(content.Length - length + 1, random), length).CopyTo(result.AsSpan(at));
                return result;
            default:
                return content[..at];
        }
    }

    /// <summary>A place, oftener near the beginning, where headers are.</summary>
    private static int At(int length, Random random) => random.Next(2) == 0 ? random.Next(Math.Min(length, 512)) : random.Next(length);
}
