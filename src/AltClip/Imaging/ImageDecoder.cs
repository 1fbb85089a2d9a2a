using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace AltClip.Imaging;

/// <summary>
/// Turns image sources into rows of pixels equal to Pillow's <c>Image.open(…).convert("RGB")</c>, by SkiaSharp: no colour management,
/// transparent pixels keep their colours.
/// </summary>
/// <remarks>
/// Known to differ from Pillow: BMP files of 16 bits a pixel (by at most 1), PNG pixels beyond the end of their palette, and GIF files
/// without any palette. A transparent value of 16-bit grey is never laid on a background.
/// </remarks>
internal static unsafe class ImageDecoder
{
    private const int PixelBytes = PillowResampler.PixelBytes;

    private delegate void Finish(byte* pixels, long count);

    /// <summary>Opens a picture; its header is read, its limits checked.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="options">Orientation, background, limits.</param>
    /// <param name="convertRgb">Whether pictures stored otherwise than as RGB are converted; if not, they are refused.</param>
    /// <param name="workspace">Memory that the rows need for as long as they are used.</param>
    /// <exception cref="ImageException">The file is empty, of no known format, too large, truncated or corrupt.</exception>
    public static PixelRows Open(ImageSource source, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        if (source.Origin is var (original, change))
            return OpenImage(change(RgbImage.Decode(original, options, convertRgb, workspace)), workspace);
        return source.Pixels is { } pixels
            ? OpenPixels(pixels, source.Name, options, convertRgb, workspace)
            : OpenFile(source, options, convertRgb, workspace);
    }

    /// <summary>The exception for a file that ends too early.</summary>
    public static ImageException Truncated(string name) =>
        new($"{name} is truncated: the file ends before its picture does. AllowTruncated reads what there is.");

    private static PixelRows OpenFile(ImageSource source, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        var length = source.ReadEncoded(workspace.Encoded);
        var file = new Span<byte>(workspace.Encoded.Memory, length);
        if (file.IsEmpty)
            throw new ImageException($"{source.Name} is empty.");
        var header = ImageHeader.Read(file) ?? throw new ImageException(
            $"{source.Name} is not a JPEG, PNG, GIF, WebP or BMP picture: it starts with {Convert.ToHexString(file[..Math.Min(8, length)])}.");
        var finish = Prepare(header.Format, file, options.Background);

        using var data = SKData.Create((nint)workspace.Encoded.Memory, length);
        var codec = SKCodec.Create(data) ?? throw Corrupt(source.Name, header.Format);
        JpegRows? jpeg = null;
        try
        {
            var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
            CheckSize(info.Width, info.Height, options.MaxPixels, source.Name);
            var isRgb = header.Format == ImageFormat.WebP ? codec.Info.AlphaType == SKAlphaType.Opaque : header.IsRgb;
            if (!convertRgb && !isRgb)
                throw NotRgb(source.Name);
            var orientation = options.ApplyExifOrientation ? ImageOrientation.FromExif(header.Orientation) : default;
            if (header.Format == ImageFormat.Jpeg)
                jpeg = OpenJpeg(codec, info, orientation, options, workspace, source.Name);
            if (jpeg is not null)
                return jpeg;

            var memory = workspace.Rows.Reserve(info.BytesSize64);
            // Skia leaves alone what a frame or a truncated file does not cover.
            if (options.AllowTruncated || header.Format is ImageFormat.Gif or ImageFormat.Bmp)
                NativeMemory.Clear(memory, (nuint)info.BytesSize64);
            var result = codec.GetPixels(info, (nint)memory);
            var isCut = header.Format == ImageFormat.WebP && BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L > length;
            if ((isCut || result == SKCodecResult.IncompleteInput) && !options.AllowTruncated)
                throw Truncated(source.Name);
            if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
                throw Corrupt(source.Name, header.Format);
            finish?.Invoke(memory, info.BytesSize64 / PixelBytes);
            return new MemoryRows(memory, info.Width, info.Height, orientation);
        }
        finally
        {
            if (jpeg is null)
                codec.Dispose();
        }
    }

    /// <summary>Changes the file where the decoder would not do what Pillow does.</summary>
    /// <returns>What remains to be done with the decoded pixels.</returns>
    private static Finish? Prepare(ImageFormat format, Span<byte> file, RgbColor? background)
    {
        if (format == ImageFormat.Png && PngFile.SplitGray16(file))
            return PngFile.ClipGray16;
        if (background is { } color)
            return (pixels, count) => LayOn(color, pixels, pixels, count);
        if (format != ImageFormat.Gif)
            return null;
        var underFrame = GifFile.MakeOpaque(file);
        return (pixels, count) => GifFile.FillUncovered(pixels, count, underFrame);
    }

    // A progressive JPEG cannot start when its scans are not all there; what there is then comes out of a decoding at once.
    private static JpegRows? OpenJpeg(
        SKCodec codec, SKImageInfo info, ImageOrientation orientation, ImageProcessingOptions options, ImageWorkspace workspace, string name)
    {
        if (codec.StartScanlineDecode(info) == SKCodecResult.Success)
            return new JpegRows(codec, info, orientation, workspace.Rows, options.AllowTruncated, name);
        return options.AllowTruncated ? null : throw Truncated(name);
    }

    private static MemoryRows OpenImage(RgbImage image, ImageWorkspace workspace)
    {
        var memory = workspace.Rows.Reserve(image.Pixels.Length);
        image.Pixels.CopyTo(new Span<byte>(memory, image.Pixels.Length));
        return new MemoryRows(memory, image.Width, image.Height, orientation: default);
    }

    private static MemoryRows OpenPixels(
        ImagePixels pixels, string name, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        if (!convertRgb && !pixels.IsRgb)
            throw NotRgb(name);
        var memory = pixels.Memory;
        if (pixels.HasAlpha && options.Background is { } background)
        {
            var count = (long)pixels.Width * pixels.Height;
            memory = workspace.Rows.Reserve(count * PixelBytes);
            LayOn(background, pixels.Memory, memory, count);
        }
        return new MemoryRows(memory, pixels.Width, pixels.Height, orientation: default);
    }

    // As Pillow's Image.paste with the alpha channel as its mask rounds.
    private static void LayOn(RgbColor background, byte* source, byte* result, long count)
    {
        for (; count > 0; count--, source += PixelBytes, result += PixelBytes)
        {
            var alpha = source[3];
            result[0] = Blend(source[0], background.R, alpha);
            result[1] = Blend(source[1], background.G, alpha);
            result[2] = Blend(source[2], background.B, alpha);
        }

        static byte Blend(int over, int under, int alpha)
        {
            var sum = over * alpha + under * (255 - alpha) + 128;
            return (byte)((sum + (sum >> 8)) >> 8);
        }
    }

    private static void CheckSize(int width, int height, long maxPixels, string name)
    {
        if ((long)width * height > maxPixels)
        {
            throw new ImageException(
                $"{name} claims {width} x {height} pixels, more than the {maxPixels} that MaxPixels allows; it was not decoded.");
        }
    }

    private static ImageException Corrupt(string name, ImageFormat format) =>
        new($"{name} starts as a {format} picture but cannot be decoded: it is corrupt or truncated.");

    private static ImageException NotRgb(string name) =>
        new($"{name} is not stored as RGB, and the configuration's do_convert_rgb forbids converting it.");
}
