using System.Buffers.Binary;
using System.Text;
using AltClip.Imaging;
using AltClip.Imaging.Png;
using Xunit;

namespace AltClip.Tests;

/// <summary>Files that are no pictures, or not whole, or lie.</summary>
public class BadImageTests : ImageTests
{
    private static readonly string[] Files =
    [
        "q75-420.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "exif-6.jpg", "rgb.png", "interlaced.png", "palette.png", "gray16.png",
        "palette.gif", "rgb-lossy.webp", "rgb-lossless.webp", "rgba.webp", "rgb.bmp",
    ];

    public static TheoryData<string, double> Truncations =>
        [.. Files.SelectMany(_ => new[] { 0.001, 0.01, 0.3, 0.6, 0.95 }, (file, part) => (file, part))];

    public static TheoryData<string> AllFiles => [.. Files];

    [Theory]
    [MemberData(nameof(Truncations))]
    public void ATruncatedFileIsNamed(string file, double part)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));

        var error = Assert.Throws<ImageException>(() => Process(bytes.AsMemory(0, (int)(bytes.Length * part))));

        Assert.StartsWith("bad.bin ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q75-420.jpg", 2)]
    [InlineData("progressive.jpg", 1)]
    [InlineData("rgb-lossy.webp", 2)]
    [InlineData("rgb-lossless.webp", 2)]
    public void TheLastBytesMatterWherePillowNeedsThem(string file, int missing)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));

        var error = Assert.Throws<ImageException>(() => Process(bytes.AsMemory(0, bytes.Length - missing)));

        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q75-420.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("exif-6.jpg")]
    [InlineData("rgb.png")]
    [InlineData("animated.gif")]
    [InlineData("rgb-lossless.webp")]
    [InlineData("rgb.bmp")]
    public void WhatThereIsOfATruncatedFileComesIfAskedFor(string file)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        var whole = TestPictures.Decode(ImageSource.FromBytes(bytes), new() { ApplyExifOrientation = false });

        var half = TestPictures.Decode(
            ImageSource.FromBytes(bytes.AsMemory(0, bytes.Length * 4 / 10)), new() { AllowTruncated = true, ApplyExifOrientation = false });

        Assert.Equal(whole.Length, half.Length);
        Assert.NotEqual(whole, half);
        // BMP is stored from the last row to the first, and a progressive JPEG has all rows from the start, but coarser.
        if (file is not ("rgb.bmp" or "progressive.jpg"))
            Assert.Equal(whole[..(whole.Length / 8)], half[..(whole.Length / 8)]);
    }

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void DamageNeverDoesMoreThanFail(string file)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var k = 0; k < 4; k++)
                damaged[random.Next(random.Next(2) == 0 ? 100 : damaged.Length)] = (byte)random.Next(256);
            try
            {
                Process(damaged, new() { MaxPixels = 10_000_000 });
            }
            catch (ImageException error)
            {
                Assert.StartsWith("bad.bin", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("rgb.png", 50_000)]
    [InlineData("palette.gif", 20_000)]
    public void DamagedPixelsAreAnError(string file, int at)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        bytes.AsSpan(at, 16).Clear();

        Assert.Throws<ImageException>(() => Process(bytes));
    }

    [Fact]
    public void AnEmptyFileIsNamed()
    {
        var error = Assert.Throws<ImageException>(() => Process(Array.Empty<byte>()));

        Assert.Equal("bad.bin is empty.", error.Message);
    }

    [Theory]
    [InlineData("<html>not found</html>")]
    [InlineData("BMW makes cars, and this text starts like a BMP.")]
    [InlineData("GIF89a, they said, was a picture format.")]
    [InlineData("x")]
    public void ATextIsNoPicture(string text)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("cat.jpg", Encoding.UTF8.GetBytes(text));

        var error = Assert.Throws<ImageException>(() => new CLIPImageProcessor().Process(ImageSource.FromFile(file)));

        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("none.jpg");

        var missing = Assert.Throws<FileNotFoundException>(() => new CLIPImageProcessor().Process(ImageSource.FromFile(file)));
        var noFile = Assert.Throws<UnauthorizedAccessException>(() => new CLIPImageProcessor().Process(ImageSource.FromFile(folder.Path)));

        Assert.Contains(file, missing.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, noFile.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgb.png", 16, 60_000)]
    [InlineData("palette.gif", 6, 60_000)]
    [InlineData("rgb.bmp", 18, 60_000)]
    public void ABombIsRefusedBeforeItIsDecoded(string file, int sizeOffset, int edge)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        switch (file)
        {
            case "rgb.png":
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeOffset), edge);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeOffset + 4), edge);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), PngFile.Crc(bytes.AsSpan(12, 17)));
                break;
            case "palette.gif":
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeOffset), (ushort)edge);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeOffset + 2), (ushort)edge);
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeOffset), edge);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeOffset + 4), edge);
                break;
        }

        var error = Assert.Throws<ImageException>(() => Process(bytes));

        Assert.StartsWith($"bad.bin claims {edge} x {edge} pixels", error.Message, StringComparison.Ordinal);
    }

    // A scan's header and nothing in it: the decoder goes over all pixels for each.
    [Theory]
    [InlineData(16_000, 12_000, 5, true)]
    [InlineData(16_000, 12_000, 4, false)]
    [InlineData(4_000, 3_000, 100, true)]
    public void ScansTimesPixelsAreLimited(int width, int height, int scans, bool refused)
    {
        byte[] size = [(byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width];
        byte[] file =
        [
            0xff, 0xd8, 0xff, 0xe1, 0, 8, 0xff, 0xda, 0xff, 0xda, 0xff, 0xda,
            0xff, 0xdb, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64), 0xff, 0xc2, 0, 11, 8, .. size, 1, 1, 0x11, 0,
            0xff, 0xc4, 0, 20, 0x10, 1, .. new byte[15], 0, .. Enumerable.Repeat(new byte[] { 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0 }, scans).SelectMany(scan => scan), 0xff, 0xd9,
        ];

        var message = Record.Exception(() => RgbImage.Decode(ImageSource.FromBytes(file, "bad.bin"), new() { MaxPixels = 200_000_000, AllowTruncated = true }))?.Message ?? "";

        Assert.Equal(refused, message.Contains($"goes over its {width} x {height} pixels more than", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("q75-420.jpg")]
    [InlineData("gray.jpg")]
    [InlineData("cmyk.jpg")]
    public void ARowIsThePicturesOrBlackWhereverAJpegIsCut(string file)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        var whole = RgbImage.Decode(ImageSource.FromBytes(bytes));
        for (var missing = 1; missing < bytes.Length / 2; missing += bytes.Length / 20)
        {
            var cut = RgbImage.Decode(ImageSource.FromBytes(bytes.AsMemory(0, bytes.Length - missing)), new() { AllowTruncated = true });
            var row = whole.Width * 4;
            var same = Enumerable.Range(0, whole.Height).TakeWhile(y => Row(whole, y).SequenceEqual(Row(cut, y))).Count();
            Assert.True(missing > 2 || same == whole.Height, $"{missing} bytes are missing: {same} rows of {whole.Height}");
            Assert.All(Enumerable.Range(same, whole.Height - same), y => Assert.False(Row(cut, y).ContainsAnyExcept((byte)0), $"{missing} bytes are missing: row {y}"));

            ReadOnlySpan<byte> Row(RgbImage image, int y) => image.Pixels.Slice(y * row, row);
        }
    }

    [Fact]
    public void TheLimitOfPixelsIsTheCallers()
    {
        var file = ImageSource.FromFile(TestPictures.Reference("q75-420.jpg"));
        var pixels = 301 * 233;

        new CLIPImageProcessor().Process(file, new() { MaxPixels = pixels }).Dispose();
        var error = Assert.Throws<ImageException>(() => new CLIPImageProcessor().Process(file, new() { MaxPixels = pixels - 1 }));

        Assert.Contains("301 x 233", error.Message, StringComparison.Ordinal);
    }

    private static void Process(ReadOnlyMemory<byte> bytes, ImageProcessingOptions? options = null) =>
        new CLIPImageProcessor().Process(ImageSource.FromBytes(bytes, "bad.bin"), options).Dispose();
}
