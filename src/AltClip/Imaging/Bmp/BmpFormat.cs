using System.Buffers.Binary;
using AltClip.Imaging.Formats;

namespace AltClip.Imaging.Bmp;

/// <summary>BMP. Files of 16 bits a pixel are known to differ from Pillow's pixels, by at most 1.</summary>
internal sealed class BmpFormat() : SkiaFormat("BMP", ".bmp")
{
    private const int CoreHeader = 12;

    /// <inheritdoc/>
    protected override bool LeavesGaps => true;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file) => new(IsRgb: BitsPerPixel(file) >= 16);

    private static int BitsPerPixel(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30)
            return 0;
        var offset = BinaryPrimitives.ReadInt32LittleEndian(file[14..]) == CoreHeader ? 24 : 28;
        return BinaryPrimitives.ReadUInt16LittleEndian(file[offset..]);
    }
}
