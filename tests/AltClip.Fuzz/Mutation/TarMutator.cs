using System.Text;

namespace AltClip.Fuzz.Mutation;

/// <summary>Changes the fields of a header of a tar file, with the sum that then fits, or the file's bytes.</summary>
internal static class TarMutator
{
    private const int Block = 512;
    private const int Sum = 148;
    private const int SumLength = 8;

    // name, mode, size, time, type, linked name, magic, version, prefix; GNU's numbers have their first bit set.
    private static readonly (int Start, int Length)[] Fields = [(0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 6), (263, 2), (345, 155)];

    private static readonly string[] Values =
        ["", "0", "7", "77777777777", "00000001000\0", "-1", "x", "9", "a.png", "a/b.c.json", "../../a.png", "/etc/a.txt", "\u00e9.png", "ustar  ", "L", "K", "g", "S", "5", "2"];

    public static byte[] Mutate(byte[] content, Random random)
    {
        int[] headers = [.. Enumerable.Range(0, content.Length / Block).Select(i => i * Block).Where(start => IsHeader(content, start))];
        if (headers.Length == 0 || random.Next(4) == 0) return BytesMutator.Mutate(content, random);
        var result = (byte[])content.Clone();
        var header = result.AsSpan(headers[random.Next(headers.Length)], Block);
        var (start, length) = Fields[random.Next(Fields.Length)];
        var field = header.Slice(start, length);
        switch (random.Next(3))
        {
            case 0:
                field[random.Next(length)] = (byte)random.Next(256);
                break;
            case 1:
                random.NextBytes(field);
                field[0] |= 0x80;
                break;
            default:
                field.Clear();
                var value = Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]);
                value.AsSpan(..Math.Min(value.Length, length)).CopyTo(field);
                break;
        }
        Encoding.ASCII.GetBytes($"{Convert.ToString(SumOf(header), 8).PadLeft(6, '0')}\0 ").CopyTo(header[Sum..]);
        return result;
    }

    private static bool IsHeader(byte[] content, int start)
    {
        var header = content.AsSpan(start, Block);
        var digits = Encoding.ASCII.GetString(header.Slice(Sum, SumLength)).Trim('\0', ' ');
        return digits.Length > 0 && digits.All(digit => digit is >= '0' and <= '7') && Convert.ToInt32(digits, 8) == SumOf(header);
    }

    // The sum's own place counts as spaces.
    private static int SumOf(ReadOnlySpan<byte> header)
    {
        var sum = SumLength * ' ';
        for (var i = 0; i < header.Length; i++) sum += i is >= Sum and < Sum + SumLength ? 0 : header[i];
        return sum;
    }
}
