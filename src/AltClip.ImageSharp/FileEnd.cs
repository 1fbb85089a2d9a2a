using System.Buffers.Binary;
using AltClip.Imaging.Jpeg;

namespace AltClip.ImageSharp;

/// <summary>Whether a file ends before its picture does, by how its format is built: of most formats ImageSharp decodes what there is without a word.</summary>
internal static class FileEnd
{
    /// <summary>Whether the end is missing. A file that isn't built as its format wants it is left to the decoder.</summary>
    public static bool IsMissing(string format, ReadOnlySpan<byte> file) => format switch
    {
        "JPEG" => IsMissingOfJpeg(file),
        "PNG" => IsMissingOfPng(file),
        "GIF" => IsMissingOfGif(file),
        "WebP" => IsMissingOfWebP(file),
        "BMP" => IsMissingOfBmp(file),
        _ => false,
    };

    private static bool IsMissingOfJpeg(ReadOnlySpan<byte> file)
    {
        const byte EndOfImage = 0xd9, Fill = 0xff;
        for (var position = JpegScans.NextMarker(file, 2); position < file.Length; position = JpegScans.NextMarker(file, position))
        {
            if (file[position + 1] == EndOfImage)
                return false;
            if (position + 4 > file.Length)
                return true;
            position += file[position + 1] == Fill ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
        }
        return true;
    }

    private static bool IsMissingOfPng(ReadOnlySpan<byte> file)
    {
        const int Signature = 8, AroundPayload = 12;
        for (long position = Signature; position + AroundPayload <= file.Length;)
        {
            var chunk = file[(int)position..];
            position += AroundPayload + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..].StartsWith("IEND"u8))
                return position > file.Length;
        }
        return true;
    }

    // Of the first frame, which alone is read.
    private static bool IsMissingOfGif(ReadOnlySpan<byte> file)
    {
        const int Header = 13, Descriptor = 10, CodeSize = 1;
        if (file.Length < Header)
            return true;
        for (var position = Header + PaletteSize(file[10]); position + Descriptor <= file.Length;)
        {
            switch ((char)file[position])
            {
                case '!':
                    position = AfterBlocks(file, position + 2);
                    break;
                case ',':
                    return AfterBlocks(file, position + Descriptor + PaletteSize(file[position + Descriptor - 1]) + CodeSize) > file.Length;
                default:
                    return false;
            }
        }
        return true;

        static int PaletteSize(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    /// <summary>The place after blocks that each begin with their length, the last of length zero; beyond the file's end where that is missing.</summary>
    private static int AfterBlocks(ReadOnlySpan<byte> file, int position)
    {
        while (position < file.Length && file[position] != 0) position += 1 + file[position];
        return position + 1;
    }

    private static bool IsMissingOfWebP(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L > file.Length;

    private static bool IsMissingOfBmp(ReadOnlySpan<byte> file)
    {
        const int LongestRead = 38, CoreHeader = 12, RunLength8 = 1, RunLength4 = 2;
        if (file.Length < LongestRead)
            return true;
        long pixels = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var isCore = BinaryPrimitives.ReadInt32LittleEndian(file[14..]) == CoreHeader;
        if (!isCore && BinaryPrimitives.ReadInt32LittleEndian(file[30..]) is RunLength8 or RunLength4)
            return pixels + BinaryPrimitives.ReadUInt32LittleEndian(file[34..]) > file.Length;
        long width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        long height = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..]) : Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..]));
        var bits = width * BinaryPrimitives.ReadUInt16LittleEndian(file[(isCore ? 24 : 28)..]);
        // Rows are of whole words; what fills up the last is no part of the picture.
        return pixels + (height - 1) * ((bits + 31) / 32 * 4) + (bits + 7) / 8 > file.Length;
    }
}
