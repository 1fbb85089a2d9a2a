using System.Runtime.InteropServices;
using SkiaSharp;

namespace AltClip.Imaging.Formats;

/// <summary>Does to decoded pixels what the decoder doesn't do as Pillow does.</summary>
internal unsafe delegate void FinishPixels(byte* pixels, long count);

/// <summary>
/// A format that SkiaSharp decodes, to pixels equal to those of Pillow's <c>Image.open(…).convert("RGB")</c>: no colour management,
/// transparent pixels keep their colours. Formats say where they differ.
/// </summary>
internal abstract unsafe class SkiaFormat(string name, params string[] extensions) : IImageFormat
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => extensions;

    /// <summary>Whether decoding leaves pixels alone that a whole file doesn't cover.</summary>
    protected virtual bool LeavesGaps => false;

    /// <inheritdoc/>
    public abstract bool Recognizes(ReadOnlySpan<byte> file);

    /// <inheritdoc/>
    public PixelRows Open(ImageFile image)
    {
        var header = ReadHeader(image.Bytes);
        var finish = Prepare(image.Bytes, image.Options.Background);
        using var data = SKData.Create((nint)image.Workspace.Encoded.Memory, image.Length);
        var codec = SKCodec.Create(data) ?? throw ImageErrors.Corrupt(image.Name, this);
        PixelRows? rows = null;
        try
        {
            var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
            ImageErrors.CheckSize(info.Width, info.Height, image.Options.MaxPixels, image.Name);
            if (!image.ConvertRgb && !(header.IsRgb ?? codec.Info.AlphaType == SKAlphaType.Opaque))
                throw ImageErrors.NotRgb(image.Name);
            var orientation = image.Options.ApplyExifOrientation ? ImageOrientation.FromExif(header.Orientation) : default;
            rows = OpenRows(codec, info, orientation, image);
            return rows ?? DecodeWhole(codec, info, orientation, image, finish);
        }
        finally
        {
            if (rows is null)
                codec.Dispose();
        }
    }

    /// <summary>Reads what the file says outside its pixels; it may be damaged.</summary>
    protected abstract SkiaHeader ReadHeader(ReadOnlySpan<byte> file);

    /// <summary>Changes the file where the decoder would not do what Pillow does.</summary>
    /// <returns>What remains to be done with the decoded pixels.</returns>
    protected virtual FinishPixels? Prepare(Span<byte> file, RgbColor? background) =>
        background is { } color ? (pixels, count) => AlphaBackground.LayOn(color, pixels, pixels, count) : null;

    /// <summary>Whether the file is shorter than it says, where the decoder doesn't notice.</summary>
    protected virtual bool IsCut(ReadOnlySpan<byte> file) => false;

    /// <summary>Decodes row by row, where the format can; the rows then own the codec.</summary>
    /// <returns>Null if the picture is decoded at once.</returns>
    protected virtual PixelRows? OpenRows(SKCodec codec, SKImageInfo info, ImageOrientation orientation, ImageFile image) => null;

    private MemoryRows DecodeWhole(SKCodec codec, SKImageInfo info, ImageOrientation orientation, ImageFile image, FinishPixels? finish)
    {
        var allowTruncated = image.Options.AllowTruncated;
        var memory = image.Workspace.Rows.Reserve(info.BytesSize64);
        // Skia leaves alone what a frame or a truncated file does not cover.
        if (allowTruncated || LeavesGaps)
            NativeMemory.Clear(memory, (nuint)info.BytesSize64);
        var result = codec.GetPixels(info, (nint)memory);
        if ((result == SKCodecResult.IncompleteInput || IsCut(image.Bytes)) && !allowTruncated)
            throw ImageErrors.Truncated(image.Name);
        if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
            throw ImageErrors.Corrupt(image.Name, this);
        finish?.Invoke(memory, info.BytesSize64 / PillowResampler.PixelBytes);
        return new MemoryRows(memory, info.Width, info.Height, orientation);
    }
}
