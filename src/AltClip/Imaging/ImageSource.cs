using AltClip.Imaging;
using AltClip.Shared;
using Microsoft.DotNet.Interactive.Formatting;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>A picture to be processed: a file, its bytes, or pixels that the caller already has.</summary>
/// <remarks>
/// Files may be of any of <see cref="ImageFormats"/>, of a GIF the first frame; the content says which, not the name. A source may be used
/// any number of times and from any thread.
/// </remarks>
[TypeFormatterSource(typeof(PictureView))]
public sealed class ImageSource
{
    private const int ReadSize = 1 << 16;

    private readonly string? _path;
    private readonly ReadOnlyMemory<byte> _encoded;

    private ImageSource(string name, string? path = null, ReadOnlyMemory<byte> encoded = default, ImagePixels? pixels = null) =>
        (Name, _path, _encoded, Pixels) = (name, path, encoded, pixels);

    /// <summary>What errors call the picture.</summary>
    public string Name { get; }

    internal ImagePixels? Pixels { get; }

    /// <summary>Pixels that are read where they are.</summary>
    internal SharedPixels? Shared { get; private init; }

    /// <summary>Gets the bytes of the file, where they lie in a larger one.</summary>
    internal Func<ReadOnlyMemory<byte>>? Fetch { get; private init; }

    /// <summary>The picture that this one is made of, and how.</summary>
    internal (ImageSource Source, Func<RgbImage, RgbImage> Change)? Origin { get; private init; }

    /// <summary>A picture in a file. The file is opened when the picture is processed.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    public static ImageSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImageSource(path, path);
    }

    /// <summary>A picture as the bytes of its file. They are not copied until the picture is processed.</summary>
    /// <param name="encoded">The bytes of the file.</param>
    /// <param name="name">What errors call the picture.</param>
    /// <exception cref="ArgumentException">The name is null or empty.</exception>
    public static ImageSource FromBytes(ReadOnlyMemory<byte> encoded, string name = "bytes")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ImageSource(name, encoded: encoded);
    }

    /// <summary>A picture in a stream, which is read to its end at once and left open.</summary>
    /// <param name="stream">A readable stream at the first byte of the file.</param>
    /// <param name="name">What errors call the picture; left out, the path of a file stream.</param>
    /// <exception cref="ArgumentException">The stream cannot be read, or the name is empty.</exception>
    /// <exception cref="IOException">Reading failed.</exception>
    public static ImageSource FromStream(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        name ??= (stream as FileStream)?.Name ?? "stream";
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!stream.CanRead)
            throw new ArgumentException($"{name} cannot be read.", nameof(stream));
        var encoded = new MemoryStream();
        stream.CopyTo(encoded);
        return new ImageSource(name, encoded: encoded.GetBuffer().AsMemory(0, (int)encoded.Length));
    }

    /// <summary>A picture whose pixels the caller has decoded. They are copied.</summary>
    /// <param name="rows">The rows, top to bottom.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="format">The order of bytes in a pixel. Alpha is dropped unless the picture is laid on a background.</param>
    /// <param name="stride">The distance of two rows in bytes; 0 if they follow each other without a gap.</param>
    /// <param name="name">What errors call the picture.</param>
    /// <exception cref="ArgumentException">
    /// Width or height is not positive or too large, the stride is shorter than a row, or <paramref name="rows"/> is too short.
    /// </exception>
    public static ImageSource FromPixels(
        ReadOnlySpan<byte> rows, int width, int height, PixelFormat format, int stride = 0, string name = "pixels")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if ((long)width * height > ImagePixels.MaxCount)
            throw new ArgumentException($"{width} x {height} pixels are more than {ImagePixels.MaxCount}.", nameof(width));
        var rowSize = (long)width * ImagePixels.BytesPerPixel(format);
        if (stride != 0 && stride < rowSize)
            throw new ArgumentException($"A row of {width} pixels takes {rowSize} bytes, more than the stride of {stride}.", nameof(stride));
        var needed = (stride == 0 ? rowSize : stride) * (height - 1) + rowSize;
        if (rows.Length < needed)
            throw new ArgumentException($"{width} x {height} {format} pixels take {needed} bytes; found {rows.Length}.", nameof(rows));
        return new ImageSource(name, pixels: ImagePixels.Copy(rows, width, height, format, stride == 0 ? (int)rowSize : stride));
    }

    /// <summary>A picture in a tensor, which is copied and may be disposed afterwards.</summary>
    /// <param name="pixels">
    /// Three dimensions in the order of <paramref name="layout"/>, with 1 (grey), 3 (RGB) or 4 (RGBA) channels. Either bytes, or
    /// floating-point numbers from 0 to 1, which are rounded to the nearest byte.
    /// </param>
    /// <param name="layout">The order of dimensions. It is not guessed from the sizes: a picture may be 3 pixels wide.</param>
    /// <param name="name">What errors call the picture.</param>
    /// <exception cref="ArgumentException">The tensor's shape, type or range of values is another.</exception>
    public static ImageSource FromTensor(Tensor pixels, TensorLayout layout, string name = "tensor")
    {
        ArgumentNullException.ThrowIfNull(pixels);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var shape = string.Join(", ", pixels.shape);
        if (pixels.dim() != 3)
            throw new ArgumentException($"A picture has 3 dimensions; found [{shape}].", nameof(pixels));
        var rows = layout == TensorLayout.ChannelsHeightWidth ? pixels.permute(1, 2, 0) : pixels;
        PixelFormat format = rows.shape[2] switch
        {
            1 => PixelFormat.Gray8,
            3 => PixelFormat.Rgb24,
            4 => PixelFormat.Rgba32,
            var channels => throw new ArgumentException(
                $"A picture has 1, 3 or 4 channels; found {channels} in [{shape}] ({layout}).", nameof(pixels)),
        };
        if (rows.numel() == 0)
            throw new ArgumentException($"The picture is empty: [{shape}].", nameof(pixels));
        var bytes = ToBytes(rows).cpu().contiguous();
        return FromPixels(bytes.bytes, (int)rows.shape[1], (int)rows.shape[0], format, name: name);
    }

    /// <summary>The picture as a function changes it once it is decoded, each time it is processed.</summary>
    /// <param name="change">
    /// Gets the decoded picture, which it may change and return; called from any thread. What it throws comes as an <see cref="ImageException"/> that
    /// names the picture, and so does null; a cancellation comes as it is.
    /// </param>
    public ImageSource Changed(Func<RgbImage, RgbImage> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return new ImageSource(Name) { Origin = (this, change) };
    }

    /// <summary>A picture that was decoded before; the pixels are copied.</summary>
    internal static ImageSource FromRgb(RgbImage image, string name) => new(name, pixels: ImagePixels.Copy(image));

    /// <summary>A picture in another's memory, which is not copied.</summary>
    internal static ImageSource FromShared(ReadOnlyMemory<byte> rgba, int width, int height, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ImageSource(name) { Shared = new(rgba, width, height) };
    }

    /// <summary>A picture whose file's bytes are asked for whenever it is processed, from any thread.</summary>
    internal static ImageSource FromPart(Func<ReadOnlyMemory<byte>> fetch, string name) => new(name) { Fetch = fetch };

    /// <summary>The picture with its file in memory, so that all that is made of it is of that file, whatever becomes of it.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    internal unsafe ImageSource Kept()
    {
        if (Origin is var (source, change)) return new ImageSource(Name) { Origin = (source.Kept(), change) };
        if (Fetch is not null) return FromBytes(Fetch(), Name);
        if (_path is null) return this;
        using var buffer = new NativeBuffer();
        var length = ReadEncoded(buffer);
        return new ImageSource(Name, encoded: new ReadOnlySpan<byte>(buffer.Memory, length).ToArray());
    }

    /// <summary>Puts the file's bytes into the buffer.</summary>
    /// <returns>Their number.</returns>
    internal unsafe int ReadEncoded(NativeBuffer buffer)
    {
        if (_path is null)
        {
            var encoded = Fetch?.Invoke() ?? _encoded;
            encoded.Span.CopyTo(new Span<byte>(buffer.Reserve(encoded.Length), encoded.Length));
            return encoded.Length;
        }
        RegularFile.RefuseOthers(_path);
        // Read, not mapped: what is decoded can't change or vanish meanwhile.
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var expected = file.CanSeek ? file.Length : 0;
        if (expected > int.MaxValue - ReadSize)
            throw new ImageException($"{Name} has {expected} bytes, more than a picture's file may have.");
        buffer.Reserve(expected);
        for (var length = 0; ;)
        {
            var room = Math.Max((int)expected - length, ReadSize);
            var read = file.Read(new Span<byte>(buffer.Extend(length + room) + length, room));
            if (read == 0)
                return length;
            length = checked(length + read);
        }
    }

    private static Tensor ToBytes(Tensor pixels)
    {
        if (pixels.dtype == ScalarType.Byte)
            return pixels;
        if (!pixels.is_floating_point())
            throw new ArgumentException($"A picture is made of bytes or of floating-point numbers; found {pixels.dtype}.", nameof(pixels));
        var numbers = pixels.to(ScalarType.Float32);
        var (smallest, largest) = (numbers.min().cpu().item<float>(), numbers.max().cpu().item<float>());
        if (!(smallest >= 0 && largest <= 1))
            throw new ArgumentException($"Floating-point pixels go from 0 to 1; found {smallest} to {largest}.", nameof(pixels));
        return numbers.Times(255).round().to(ScalarType.Byte);
    }
}
