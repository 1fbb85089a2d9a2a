using System.Buffers.Binary;
using AltClip.Imaging.Formats;

namespace AltClip.Imaging.Png;

/// <summary>PNG. Pixels beyond the end of their palette are known to differ from Pillow's.</summary>
/// <remarks>A transparent value of 16-bit grey is never laid on a background.</remarks>
internal sealed unsafe class PngFormat() : SkiaFormat("PNG", ".png")
{
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    private static ReadOnlySpan<byte> XmpKeyword => "XML:com.adobe.xmp\0\0\0\0\0"u8;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith(Magic);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        var exif = default(ReadOnlySpan<byte>);
        var xmp = default(ReadOnlySpan<byte>);
        var raw = default(byte[]);
        for (var rest = file[Magic.Length..]; rest.Length >= 12;)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest), rest.Length - 12);
            var type = rest.Slice(4, 4);
            var payload = rest.Slice(8, length);
            if (type.SequenceEqual("eXIf"u8))
                exif = payload;
            else if (type.SequenceEqual("iTXt"u8) && payload.StartsWith(XmpKeyword))
                xmp = payload;
            else
                raw ??= RawProfile.Exif(type, payload);
            rest = rest[(12 + length)..];
        }
        return new(PngFile.IsTrueColor(file), ExifOrientation.Read(exif.IsEmpty ? raw : exif, xmp));
    }

    /// <inheritdoc/>
    protected override FinishPixels? Prepare(Span<byte> file, RgbColor? background) =>
        PngFile.SplitGray16(file) ? PngFile.ClipGray16 : base.Prepare(file, background);
}
