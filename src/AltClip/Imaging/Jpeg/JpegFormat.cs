using System.Buffers.Binary;
using AltClip.Imaging.Formats;
using SkiaSharp;

namespace AltClip.Imaging.Jpeg;

/// <summary>JPEG, decoded row by row.</summary>
internal sealed class JpegFormat() : SkiaFormat("JPEG", ".jpg", ".jpeg", ".jpe", ".jfif")
{
    private static ReadOnlySpan<byte> XmpNamespace => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith<byte>([0xff, 0xd8, 0xff]);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file)
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
        return new(IsRgb: components == 3, ExifOrientation.Read(exif, xmp));
    }

    // A progressive JPEG cannot start when its scans are not all there; what there is then comes out of a decoding at once.
    /// <inheritdoc/>
    protected override PixelRows? OpenRows(SKCodec codec, SKImageInfo info, ImageOrientation orientation, ImageFile image)
    {
        JpegScans.Check(image, info.Width, info.Height);
        if (codec.StartScanlineDecode(info) == SKCodecResult.Success)
            return new JpegRows(codec, info, orientation, image);
        return image.Options.AllowTruncated ? null : throw ImageErrors.Truncated(image.Name);
    }
}
