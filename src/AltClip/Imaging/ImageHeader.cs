using System.Buffers.Binary;

namespace AltClip.Imaging;

/// <summary>
/// What a file says of its picture outside the pixels, where the decoder does not say it or says it differently than Pillow.
/// </summary>
/// <param name="Format">The format, by the file's first bytes.</param>
/// <param name="IsRgb">
/// Whether the pixels are stored as red, green and blue. Always true for WebP, where the decoder knows whether there is alpha.
/// </param>
/// <param name="Orientation">The EXIF orientation, 1 if there is none.</param>
internal readonly record struct ImageHeader(ImageFormat Format, bool IsRgb, int Orientation)
{
    private static ReadOnlySpan<byte> PngMagic => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    private static ReadOnlySpan<byte> XmpKeyword => "XML:com.adobe.xmp\0\0\0\0\0"u8;

    private static ReadOnlySpan<byte> XmpNamespace => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <summary>Reads the header, or gives null if the bytes are of no known format.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xff, 0xd8, 0xff]))
            return ReadJpeg(file);
        if (file.StartsWith(PngMagic))
            return ReadPng(file);
        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
            return new(ImageFormat.Gif, IsRgb: false, Orientation: 1);
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
            return ReadWebP(file);
        if (file.StartsWith("BM"u8))
            return new(ImageFormat.Bmp, IsRgb: BitsPerPixel(file) >= 16, Orientation: 1);
        return null;
    }

    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> file)
    {
        var components = 0;
        var exif = default(ReadOnlySpan<byte>);
        var xmp = default(ReadOnlySpan<byte>);
        for (var position = 2; position + 4 <= file.Length && file[position] == 0xff;)
        {
            var marker = file[position + 1];
            if (marker == 0xff)
            {
                position++;
                continue;
            }
            if (marker == 0xda)
                break;
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
            var payload = file.Slice(position + 4, Math.Clamp(length - 2, 0, file.Length - position - 4));
            if (marker == 0xe1 && exif.IsEmpty && payload.StartsWith("Exif\0\0"u8))
                exif = payload;
            else if (marker == 0xe1 && payload.StartsWith(XmpNamespace))
                xmp = payload;
            else if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc) && payload.Length > 5)
                components = payload[5];
            position += 2 + length;
        }
        return new(ImageFormat.Jpeg, IsRgb: components == 3, ExifOrientation.Read(exif, xmp));
    }

    private static ImageHeader ReadPng(ReadOnlySpan<byte> file)
    {
        var exif = default(ReadOnlySpan<byte>);
        var xmp = default(ReadOnlySpan<byte>);
        for (var rest = file[PngMagic.Length..]; rest.Length >= 12;)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest), rest.Length - 12);
            var type = rest.Slice(4, 4);
            var payload = rest.Slice(8, length);
            if (type.SequenceEqual("eXIf"u8))
                exif = payload;
            else if (type.SequenceEqual("iTXt"u8) && payload.StartsWith(XmpKeyword))
                xmp = payload;
            rest = rest[(12 + length)..];
        }
        return new(ImageFormat.Png, IsRgb: file.Length > 25 && file[25] == PngFile.TrueColor, ExifOrientation.Read(exif, xmp));
    }

    private static ImageHeader ReadWebP(ReadOnlySpan<byte> file)
    {
        var exif = default(ReadOnlySpan<byte>);
        var xmp = default(ReadOnlySpan<byte>);
        for (var rest = file[12..]; rest.Length >= 8;)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), rest.Length - 8);
            var type = rest[..4];
            var payload = rest.Slice(8, length);
            if (type.SequenceEqual("EXIF"u8))
                exif = payload;
            else if (type.SequenceEqual("XMP "u8))
                xmp = payload;
            rest = rest[Math.Min(8 + length + (length & 1), rest.Length)..];
        }
        return new(ImageFormat.WebP, IsRgb: true, ExifOrientation.Read(exif, xmp));
    }

    private static int BitsPerPixel(ReadOnlySpan<byte> bmp)
    {
        if (bmp.Length < 30)
            return 0;
        const int CoreHeader = 12;
        var offset = BinaryPrimitives.ReadInt32LittleEndian(bmp[14..]) == CoreHeader ? 24 : 28;
        return BinaryPrimitives.ReadUInt16LittleEndian(bmp[offset..]);
    }
}
