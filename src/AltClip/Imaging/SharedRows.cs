using System.Buffers;

namespace AltClip.Imaging;

/// <summary>Rows in memory that is another's: it is read where it is, but for the last rows, behind which nothing may be read.</summary>
internal sealed unsafe class SharedRows(SharedPixels pixels, ImageWorkspace workspace) : PixelRows(pixels.Width, pixels.Height, orientation: default)
{
    private readonly MemoryHandle _handle = pixels.Rgba.Pin();

    public override byte* Read(int first, int count)
    {
        var start = (byte*)_handle.Pointer + first * Stride;
        if ((first + count) * Stride + PillowResampler.Slack <= Height * Stride)
            return start;
        var copy = workspace.Rows.Reserve(count * Stride);
        Buffer.MemoryCopy(start, copy, count * Stride, count * Stride);
        return copy;
    }

    public override void Dispose()
    {
        _handle.Dispose();
        base.Dispose();
    }
}
