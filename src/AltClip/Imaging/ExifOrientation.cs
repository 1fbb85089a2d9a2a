using System.Buffers.Binary;

namespace AltClip.Imaging;

/// <summary>
/// Finds the orientation where Pillow finds it: the EXIF tag of any integer type but plain bytes, or else the XMP property.
/// </summary>
internal static class ExifOrientation
{
    private const int OrientationTag = 0x112;
    private const int EntrySize = 12;

    /// <summary>The orientation, 1 if neither block gives one.</summary>
    public static int Read(ReadOnlySpan<byte> exif, ReadOnlySpan<byte> xmp) => FromTiff(exif) ?? FromXmp(xmp) ?? 1;

    private static int? FromTiff(ReadOnlySpan<byte> tiff)
    {
        while (tiff.StartsWith("Exif\0\0"u8))
            tiff = tiff[6..];
        var bigEndian = tiff.StartsWith("MM\0*"u8);
        if (tiff.Length < 8 || !bigEndian && !tiff.StartsWith("II*\0"u8))
            return null;
        var directory = UInt32(tiff[4..], bigEndian);
        if (directory + 2 > tiff.Length)
            return null;
        var entries = tiff[((int)directory + 2)..];
        var count = Math.Min(UInt16(tiff[(int)directory..], bigEndian), entries.Length / EntrySize);
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntrySize, EntrySize);
            if (UInt16(entry, bigEndian) == OrientationTag && UInt32(entry[4..], bigEndian) == 1)
                return Value(entry, bigEndian);
        }
        return null;
    }

    private static int? Value(ReadOnlySpan<byte> entry, bool bigEndian) => UInt16(entry[2..], bigEndian) switch
    {
        6 => entry[8],
        3 or 8 => UInt16(entry[8..], bigEndian),
        4 or 9 => (int)UInt32(entry[8..], bigEndian),
        _ => null,
    };

    private static int? FromXmp(ReadOnlySpan<byte> xmp)
    {
        var name = "tiff:Orientation"u8;
        for (int at; (at = xmp.IndexOf(name)) >= 0;)
        {
            xmp = xmp[(at + name.Length)..];
            var value = xmp.StartsWith("=\""u8) ? xmp[2..] : xmp.StartsWith(">"u8) ? xmp[1..] : default;
            if (!value.IsEmpty && char.IsAsciiDigit((char)value[0]))
                return value[0] - '0';
        }
        return null;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
