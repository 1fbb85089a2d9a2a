using AltClip.ImageSharp;
using AltClip.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using Xunit;

namespace AltClip.Tests;

/// <summary>Pictures and decoders of the real ImageSharp.</summary>
public class ImageSharpTests : ImageTests
{
    [Theory]
    [InlineData("rgb.png")]
    [InlineData("rgba.png")]
    public void PixelsOfAnyKindAreThoseOfTheFile(string file)
    {
        var path = TestPictures.Reference(file);
        var expected = TestPictures.Hash(ImageSource.FromFile(path));
        using var rgba = Image.Load<Rgba32>(path);
        using var bgra = Image.Load<Bgra32>(path);
        using var rgb = Image.Load<Rgb24>(path);
        Assert.Equal(expected, TestPictures.Hash(ImageSource.From(rgba)));
        Assert.Equal(expected, TestPictures.Hash(ImageSource.From(bgra)));
        Assert.Equal(expected, TestPictures.Hash(ImageSource.From(rgb)));
        using var resized = new CLIPImageProcessor().Process(ImageSource.From(rgba));
        using var fromFile = new CLIPImageProcessor().Process(ImageSource.FromFile(path));
        Assert.Equal(fromFile.PixelValues.data<float>().ToArray(), resized.PixelValues.data<float>().ToArray());
        var background = new ImageProcessingOptions { Background = new(10, 200, 90) };
        Assert.Equal(TestPictures.Hash(ImageSource.FromFile(path), background), TestPictures.Hash(ImageSource.From(rgba), background));
    }

    [Fact]
    public void Rgba32IsNotCopied()
    {
        using var image = new Image<Rgba32>(4, 3);
        var source = ImageSource.From(image, "mine");
        image[2, 1] = new Rgba32(7, 8, 9, 255);
        Assert.Equal([7, 8, 9], RgbImage.Decode(source).Pixels.Slice(4 * (4 + 2), 3).ToArray());
        Assert.Equal("mine", source.Name);
    }

    [Theory]
    [InlineData("q90-444.jpg")]
    [InlineData("exif-6.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("rgb.png")]
    [InlineData("interlaced.png")]
    [InlineData("palette.gif")]
    [InlineData("animated.gif", 0.1)]
    [InlineData("rgb-lossy.webp")]
    [InlineData("rgb-lossless.webp")]
    [InlineData("rgb.bmp")]
    public void ItsDecodersTakeNoTruncatedPictureAsWhole(string file, double firstFrame = 1)
    {
        var bytes = File.ReadAllBytes(TestPictures.Reference(file));
        using var formats = ImageFormats.UseImageSharpDecoder();
        foreach (var part in (double[])[0.2, 0.5, 0.99])
        {
            var cut = ImageSource.FromBytes(bytes.AsMemory(0, (int)(bytes.Length * part * firstFrame)), file);
            foreach (var options in (ImageProcessingOptions[])[new(), new() { AllowTruncated = true }])
                Assert.Contains(file, Assert.Throws<ImageException>(() => RgbImage.Decode(cut, options)).Message);
        }
        if (firstFrame < 1) return;
        Assert.Contains("truncated", Assert.Throws<ImageException>(() => RgbImage.Decode(ImageSource.FromBytes(bytes.AsMemory(0, bytes.Length - 4)))).Message);
    }

    [Fact]
    public void ItsDecodersTakeWholePictures()
    {
        string[] folders = [Path.GetDirectoryName(TestPictures.Reference("rgb.png"))!, TestData.Path("images", "real"), Path.GetDirectoryName(TestPictures.Own("gif-interlaced.gif"))!];
        // ImageSharp doesn't know arithmetic coding.
        var files = folders.SelectMany(Directory.GetFiles).Where(file => ImageFormats.IsPicture(file) && !file.EndsWith("jpeg-arithmetic.jpg", StringComparison.Ordinal));
        using var formats = ImageFormats.UseImageSharpDecoder();
        Assert.All(files, file => Assert.True(RgbImage.Decode(ImageSource.FromFile(file)).Width > 0));
    }

    [Fact]
    public void ItsDecodersTakeThePlaceOfTheLibrarys()
    {
        var names = ImageFormats.Names;
        var (png, jpeg) = (TestPictures.Reference("rgb.png"), TestPictures.Reference("exif-6.jpg"));
        var (pngHash, upright) = (TestPictures.Hash(ImageSource.FromFile(png)), RgbImage.Decode(ImageSource.FromFile(jpeg)));
        using (ImageFormats.UseImageSharpDecoder())
        {
            Assert.Equal(names, ImageFormats.Names);
            Assert.Equal(pngHash, TestPictures.Hash(ImageSource.FromFile(png)));
            var image = RgbImage.Decode(ImageSource.FromFile(jpeg));
            Assert.Equal((upright.Width, upright.Height), (image.Width, image.Height));
            Assert.InRange(image.Pixels.ToArray().Zip(upright.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Average(), 0.0001, 4);
        }
        Assert.Equal(upright.Pixels.ToArray(), RgbImage.Decode(ImageSource.FromFile(jpeg)).Pixels.ToArray());
    }
}
