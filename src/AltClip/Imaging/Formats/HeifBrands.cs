using System.Buffers.Binary;

namespace AltClip.Imaging.Formats;

/// <summary>The brands by which a file in boxes, as MP4 has them, says what it is.</summary>
internal static class HeifBrands
{
    /// <summary>Whether a file starts with its brands.</summary>
    public static bool HasBrands(ReadOnlySpan<byte> file) => file.Length >= 12 && file[4..].StartsWith("ftyp"u8);

    /// <summary>Whether a picture's pixels are coded by AV1.</summary>
    public static bool IsAvif(ReadOnlySpan<byte> file) => HasAny(file, "avif"u8, "avis"u8);

    /// <summary>Whether a picture's pixels are coded by HEVC, or it says nothing of them.</summary>
    public static bool IsHeic(ReadOnlySpan<byte> file) =>
        !IsAvif(file) && (HasAny(file, "heic"u8, "heix"u8) || HasAny(file, "heim"u8, "heis"u8) || HasAny(file, "hevc"u8, "hevx"u8) || HasAny(file, "mif1"u8, "msf1"u8));

    /// <summary>Whether a file is of one of two brands.</summary>
    public static bool HasAny(ReadOnlySpan<byte> file, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!HasBrands(file))
            return false;
        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file), file.Length);
        for (var at = 8; at + 4 <= Math.Max(length, 12); at += at == 8 ? 8 : 4)
        {
            if (file[at..].StartsWith(first) || file[at..].StartsWith(second))
                return true;
        }
        return false;
    }
}
