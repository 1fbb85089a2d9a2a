using System.Buffers;
using System.Runtime.InteropServices;
using SixLabors.ImageSharp.PixelFormats;

namespace AltClip.ImageSharp;

/// <summary>Pixels as the bytes they are made of, in the same memory.</summary>
internal sealed class PixelMemory(Memory<Rgba32> pixels) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(pixels.Span);

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = pixels.Pin();
        return new MemoryHandle((byte*)handle.Pointer + elementIndex, default, new Held(handle));
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Each pin is undone by its own handle.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The memory is the picture's.
    }

    private sealed class Held(MemoryHandle handle) : IPinnable
    {
        MemoryHandle IPinnable.Pin(int elementIndex) => throw new NotSupportedException();

        void IPinnable.Unpin() => handle.Dispose();
    }
}
