using AltClip.Imaging.Formats;

namespace AltClip.Imaging.Bmp;

/// <summary>BMP.</summary>
internal sealed class BmpFormat() : SkiaFormat("BMP", ".bmp")
{
    /// <inheritdoc/>
    protected override bool LeavesGaps => true;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file) => new(IsRgb: new BmpHeader(file).BitsPerPixel >= 16);

    /// <inheritdoc/>
    protected override unsafe FinishPixels? Prepare(Span<byte> file, RgbColor? background)
    {
        var header = new BmpHeader(file);
        if (header.IsRunLength)
        {
            var first = header.FirstColor;
            return (pixels, count) => UncoveredPixels.Fill(pixels, count, first);
        }
        if (header.GreenBits is not { } greenBits)
            return base.Prepare(file, background);
        return (pixels, count) => BmpHeader.Scale(pixels, count, greenBits);
    }
}
