using System.Buffers.Binary;
using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

/// <summary>Files of kinds that the reference does not have, against hashes of what Pillow 9.4 decodes.</summary>
public class ImageDecoderTests : ImageTests
{
    private static readonly RgbColor Background = new(10, 200, 90);

    public static TheoryData<string, string, string, string> Pictures =>
        [.. File.ReadLines(TestPictures.Own("pillow.tsv")).Select(line => line.Split('\t')).Select(row => (row[0], row[1], row[2], row[3]))];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void PixelsAreThoseOfPillow(string file, string stored, string upright, string onBackground)
    {
        var source = ImageSource.FromFile(TestPictures.Own(file));
        // What is known to differ has to be known: if it ever agrees, the documentation has to change.
        Action<string, string> check = file.StartsWith("differs-", StringComparison.Ordinal) ? Assert.NotEqual : Assert.Equal;

        check(stored, TestPictures.Hash(source, new() { ApplyExifOrientation = false }));
        check(upright, TestPictures.Hash(source));
        if (onBackground != "-" && file != "png-gray16-transparent.png")
            check(onBackground, TestPictures.Hash(source, new() { Background = Background }));
    }

    [Fact]
    public void SixteenBitBmpIsScaledAsPillowScales()
    {
        var colors = Enumerable.Range(0, 1 << 16).Select(value => (ushort)value).ToArray();

        var pixels = TestPictures.Decode(ImageSource.FromBytes(Bmp565(colors)));

        Assert.Equal(colors.SelectMany(Pillow), pixels);
        static byte[] Pillow(ushort color) =>
            [(byte)((color >> 11) * 255 / 31), (byte)((color >> 5 & 63) * 255 / 63), (byte)((color & 31) * 255 / 31)];
    }

    [Fact]
    public void TheNameOfAFileDoesNotMatter()
    {
        using var folder = new TemporaryFolder();
        File.Copy(TestPictures.Reference("rgb.png"), folder.File("picture.jpg"));

        Assert.Equal(
            TestPictures.Hash(ImageSource.FromFile(TestPictures.Reference("rgb.png"))),
            TestPictures.Hash(ImageSource.FromFile(folder.File("picture.jpg"))));
    }

    [Theory]
    [InlineData("q75-420.jpg", true)]
    [InlineData("gray.jpg", false)]
    [InlineData("cmyk.jpg", false)]
    [InlineData("rgb.png", true)]
    [InlineData("interlaced.png", true)]
    [InlineData("rgba.png", false)]
    [InlineData("gray-alpha.png", false)]
    [InlineData("palette.png", false)]
    [InlineData("one-bit.png", false)]
    [InlineData("gray16.png", false)]
    [InlineData("palette.gif", false)]
    [InlineData("rgb-lossy.webp", true)]
    [InlineData("rgba.webp", false)]
    [InlineData("rgb.bmp", true)]
    public void OnlyRgbIsTakenWithoutConversion(string file, bool isRgb)
    {
        var source = ImageSource.FromFile(TestPictures.Reference(file));
        var options = new ImageProcessingOptions { Config = TestPictures.Untouched with { DoConvertRgb = false } };

        if (isRgb)
        {
            Assert.Equal(TestPictures.Hash(source), TestPictures.Hash(source, options));
        }
        else
        {
            var error = Assert.Throws<ImageException>(() => TestPictures.Decode(source, options));
            Assert.Contains($"{source.Name} is not stored as RGB", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void AJpegPassesThroughAWindow(int orientation)
    {
        var file = TestPictures.Jpeg(1500, 2100);
        using var workspace = new ImageWorkspace();
        var options = new ImageProcessingOptions();
        using var rows = ImageDecoder.Open(ImageSource.FromBytes(WithExif(file, orientation)), options, convertRgb: true, workspace);

        ImageTransform.Apply(rows, ImageGeometry.Of(new(), rows, "picture"), Resampling.Bicubic, workspace);

        Assert.Equal(orientation == 6, rows.Orientation.Transposed);
        Assert.InRange(workspace.Rows.Capacity, 1, 1500 * 2100 * 4 / 20);
    }

    private static byte[] WithExif(byte[] jpeg, int orientation)
    {
        byte[] exif = [.. "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0"u8, (byte)orientation, 0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], 0xff, 0xe1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    private static byte[] Bmp565(ushort[] colors)
    {
        const int Edge = 256, HeaderSize = 14 + 40 + 12;
        var file = new byte[HeaderSize + colors.Length * 2];
        "BM"u8.CopyTo(file);
        int[] fields = [file.Length, 0, HeaderSize, 40, Edge, -Edge, 1 | 16 << 16, 3, 0, 0, 0, 0, 0, 0xf800, 0x7e0, 0x1f];
        for (var i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + 4 * i), fields[i]);
        for (var i = 0; i < colors.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(HeaderSize + 2 * i), colors[i]);
        return file;
    }
}
