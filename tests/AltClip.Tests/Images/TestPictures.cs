using System.Security.Cryptography;
using SkiaSharp;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Pictures and what is asked of them in several tests.</summary>
internal static class TestPictures
{
    /// <summary>Gives the decoded bytes of a picture as they are.</summary>
    public static CLIPImageProcessorConfig Untouched { get; } =
        new() { DoResize = false, DoCenterCrop = false, DoRescale = false, DoNormalize = false };

    public static string Reference(string file) => TestData.Path("images", "files", file);

    /// <summary>A picture made for these tests, and what Pillow 9.4 makes of it in <c>pillow.tsv</c>.</summary>
    public static string Own(string file) =>
        Path.Combine(TestData.Folder, "..", "AltClip.Tests", "Images", "Pictures", file);

    /// <summary>The upright picture's rows of RGB.</summary>
    public static byte[] Decode(ImageSource source, ImageProcessingOptions? options = null)
    {
        using var batch = new CLIPImageProcessor(Untouched).Process(source, options);
        return Rows(batch.PixelValues);
    }

    public static string Hash(ImageSource source, ImageProcessingOptions? options = null) =>
        Convert.ToHexStringLower(SHA256.HashData(Decode(source, options)));

    /// <summary>The rows of RGB in a batch of one.</summary>
    public static byte[] Rows(Tensor batch)
    {
        using var scope = NewDisposeScope();
        return batch.squeeze(0).permute(1, 2, 0).contiguous().bytes.ToArray();
    }

    public static byte[] Noise(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A JPEG of noise in large blocks.</summary>
    public static byte[] Jpeg(int width, int height) => Blocks(width, height, SKEncodedImageFormat.Jpeg);

    /// <summary>The same as a PNG, which may be longer than a JPEG.</summary>
    public static byte[] Png(int width, int height) => Blocks(width, height, SKEncodedImageFormat.Png);

    private static byte[] Blocks(int width, int height, SKEncodedImageFormat format)
    {
        using var small = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Noise(small.ByteCount, seed: 5).CopyTo(small.GetPixelSpan());
        using var large = small.Resize(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), SKSamplingOptions.Default);
        using var data = large.Encode(format, 90);
        return data.ToArray();
    }
}
