using AltClip.Imaging.Formats;

namespace AltClip.Imaging.Gif;

/// <summary>GIF, of which the first frame is read. Files without any palette are known to differ from Pillow's pixels.</summary>
internal sealed unsafe class GifFormat() : SkiaFormat("GIF", ".gif")
{
    /// <inheritdoc/>
    protected override bool LeavesGaps => true;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <inheritdoc/>
    protected override SkiaHeader ReadHeader(ReadOnlySpan<byte> file) => new(IsRgb: false);

    /// <inheritdoc/>
    protected override FinishPixels? Prepare(Span<byte> file, RgbColor? background)
    {
        if (background is not null)
            return base.Prepare(file, background);
        var underFrame = GifFile.MakeOpaque(file);
        return (pixels, count) => UncoveredPixels.Fill(pixels, count, underFrame);
    }
}
