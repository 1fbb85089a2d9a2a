using System.Buffers.Binary;
using AltClip.Imaging;

namespace AltClip.Cli.Tests;

/// <summary>A format that the library doesn't know: a header, then four numbers of 16 bits a pixel.</summary>
internal sealed class FarbfeldDecoder(string name = "farbfeld", params string[] extensions) : IImageDecoder
{
    private const int HeaderSize = 16;
    private const int PixelSize = 8;

    public string Name => name;

    public IReadOnlyList<string> Extensions => extensions.Length > 0 ? extensions : [".FF"];

    /// <summary>Whether <see cref="ReadInfo"/> says anything.</summary>
    public bool SaysItsSize { get; init; } = true;

    /// <summary>How many pictures were decoded.</summary>
    public int Decoded { get; private set; }

    /// <summary>A file in the format.</summary>
    public static byte[] File(int width, int height, RgbColor color)
    {
        var file = new byte[HeaderSize + width * height * PixelSize];
        "farbfeld"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(8), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), height);
        for (var pixel = HeaderSize; pixel < file.Length; pixel += PixelSize)
            (file[pixel], file[pixel + 2], file[pixel + 4]) = (color.R, color.G, color.B);
        return file;
    }

    public bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("farbfeld"u8);

    public ImageInfo? ReadInfo(ReadOnlySpan<byte> file) => SaysItsSize ? new(Number(file[8..]), Number(file[12..]), IsRgb: false) : null;

    public RgbImage Decode(ReadOnlySpan<byte> file, ImageProcessingOptions options)
    {
        Decoded++;
        var image = new RgbImage(Number(file[8..]), Number(file[12..]));
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var pixel = file.Slice(HeaderSize + i * PixelSize, PixelSize);
            for (var channel = 0; channel < 3; channel++)
                image.Pixels[4 * i + channel] = pixel[2 * channel];
        }
        return image;
    }

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);
}
