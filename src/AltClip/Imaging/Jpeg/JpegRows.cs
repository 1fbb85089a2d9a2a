using System.Runtime.InteropServices;
using AltClip.Imaging.Formats;
using SkiaSharp;

namespace AltClip.Imaging.Jpeg;

/// <summary>The rows of a JPEG file, decoded as they are asked for: a picture of any size passes through a window of a few rows.</summary>
internal sealed unsafe class JpegRows(SKCodec codec, SKImageInfo info, ImageOrientation orientation, ImageFile image)
    : PixelRows(info.Width, info.Height, orientation)
{
    private const int RowsAtATime = 16;

    private readonly NativeBuffer _window = image.Workspace.Rows;

    private int _capacity;
    private int _first;
    private int _count;
    private JpegTail? _tail;

    public override byte* Read(int first, int count)
    {
        if (count > _capacity)
        {
            // Twice the need, so that a sliding window is moved back to the start only once in a while.
            _capacity = Math.Max(2 * count, RowsAtATime);
            _window.Extend(_capacity * Stride);
        }
        if (first + count > _first + _capacity || _count == 0)
            DropRowsBefore(first);
        while (_first + _count < first + count)
            Decode(Math.Min(Math.Max(first + count - _first - _count, RowsAtATime), _capacity - _count));
        return _window.Memory + (first - _first) * Stride;
    }

    public override void Complete()
    {
        while (_first + _count < Height)
            Read(_first + _count, Math.Min(RowsAtATime, Height - _first - _count));
    }

    public override void Dispose()
    {
        _tail?.Dispose();
        codec.Dispose();
        base.Dispose();
    }

    private void DropRowsBefore(int first)
    {
        while (_first + _count < first)
        {
            (_first, _count) = (_first + _count, 0);
            Decode(Math.Min(first - _first, _capacity));
        }
        var kept = _first + _count - first;
        Buffer.MemoryCopy(_window.Memory + (first - _first) * Stride, _window.Memory, kept * Stride, kept * Stride);
        (_first, _count) = (first, kept);
    }

    private void Decode(int rows)
    {
        rows = Math.Min(rows, Height - _first - _count);
        var target = _window.Memory + _count * Stride;
        var decoded = _tail is null ? codec.GetScanlines((nint)target, rows, info.RowBytes) : 0;
        if (decoded < rows)
        {
            if (!image.Options.AllowTruncated)
                throw ImageErrors.Truncated(image.Name);
            _tail ??= new(image.Bytes, info, _first + _count + decoded);
            decoded += _tail.Decode(target + decoded * Stride, rows - decoded);
        }
        NativeMemory.Clear(target + decoded * Stride, (nuint)((rows - decoded) * Stride));
        _count += rows;
    }
}
