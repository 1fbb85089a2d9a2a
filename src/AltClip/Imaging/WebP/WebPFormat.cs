using System.Buffers.Binary;
using AltClip.Imaging.Formats;

namespace AltClip.Imaging.WebP;

/// <summary>WebP, lossy and lossless.</summary>
internal sealed class WebPFormat() : SkiaFormat("WebP", ".webp")
{
    private const int HeaderSize = 12;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) =>
        file.Length >= HeaderSize && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        var exif = default(ReadOnlySpan<byte>);
        var xmp = default(ReadOnlySpan<byte>);
        for (var rest = file[HeaderSize..]; rest.Length >= 8;)
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
        return new(IsRgb: null, ExifOrientation.Read(exif, xmp));
    }

    /// <inheritdoc/>
    protected override bool IsCut(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L > file.Length;
}
