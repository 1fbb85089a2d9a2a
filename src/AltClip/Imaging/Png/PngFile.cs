using System.Buffers.Binary;

namespace AltClip.Imaging.Png;

/// <summary>What the decoder of PNG files would do differently than Pillow.</summary>
internal static unsafe class PngFile
{
    private const byte Gray = 0;
    private const byte TrueColor = 2;
    private const byte GrayAlpha = 4;
    private const int BitDepthOffset = 24;
    private const int ColorTypeOffset = 25;
    private const int HeaderCrcOffset = 29;

    /// <summary>Whether pixels are stored as red, green and blue.</summary>
    public static bool IsTrueColor(ReadOnlySpan<byte> file) => file.Length > ColorTypeOffset && file[ColorTypeOffset] == TrueColor;

    /// <summary>
    /// Declares a file of 16-bit greys to be one of 8-bit greys with alpha, so that the decoder, which would keep the upper byte alone,
    /// hands out both. Everything else about the two kinds of file is the same.
    /// </summary>
    /// <returns>False, and nothing done, if the file is of another kind.</returns>
    public static bool SplitGray16(Span<byte> file)
    {
        if (file.Length < HeaderCrcOffset + 4 || file[BitDepthOffset] != 16 || file[ColorTypeOffset] != Gray)
            return false;
        file[BitDepthOffset] = 8;
        file[ColorTypeOffset] = GrayAlpha;
        BinaryPrimitives.WriteUInt32BigEndian(file[HeaderCrcOffset..], Crc(file[12..HeaderCrcOffset]));
        return true;
    }

    /// <summary>
    /// Joins the bytes that <see cref="SplitGray16"/> parted the way Pillow turns 16-bit greys into RGB: by clipping them at 255.
    /// </summary>
    public static void ClipGray16(byte* pixels, long count)
    {
        for (var pixel = pixels; count > 0; count--, pixel += PillowResampler.PixelBytes)
        {
            var (high, low) = (pixel[0], pixel[3]);
            pixel[0] = pixel[1] = pixel[2] = high == 0 ? low : byte.MaxValue;
        }
    }

    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }
        return ~crc;
    }
}
