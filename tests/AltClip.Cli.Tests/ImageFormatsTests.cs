using AltClip.Imaging;
using AltClip.Tests;
using AltClip.Training.Evaluation;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The one list of picture formats, and formats that are added to it.</summary>
public class ImageFormatsTests : ImageTests
{
    private const string BuiltIn = "JPEG, PNG, GIF, WebP or BMP";
    private static readonly RgbColor Color = new(200, 30, 4);

    [Fact]
    public void ListsWhatTheLibraryReads()
    {
        Assert.Equal(BuiltIn, ImageFormats.Names);
        Assert.Equal([".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp"], ImageFormats.Extensions);
        Assert.All(ImageFormats.Extensions, extension => Assert.True(ImageFormats.IsPicture($"a/b.c{extension.ToUpperInvariant()}")));
        Assert.All(["a.txt", "jpg", "a.jpg/b", "", "a.ff"], name => Assert.False(ImageFormats.IsPicture(name)));
    }

    [Fact]
    public void OneLineAddsAFormatEverywhere()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("class"));
        var picture = folder.Write("class/a.ff", FarbfeldDecoder.File(5, 3, Color));
        Assert.Contains("ends in '.ff'", Refused());

        using (ImageFormats.Register(new FarbfeldDecoder()))
        {
            Assert.Equal("JPEG, PNG, GIF, WebP, BMP or farbfeld", ImageFormats.Names);
            Assert.Equal(".ff", ImageFormats.Extensions[^1]);
            Assert.True(ImageFormats.IsPicture("b.Ff"));
            Assert.Equal(Enumerable.Repeat(new byte[] { 200, 30, 4 }, 15).SelectMany(rgb => rgb), TestPictures.Decode(ImageSource.FromFile(picture)));
            using var batch = new CLIPImageProcessor().Process(ImageSource.FromFile(picture));
            Assert.Equal([1, 3, 224, 224], batch.PixelValues.shape);
            Assert.Equal(["class/a.ff"], new FolderSource(folder.Path, 0).Read(0, 1).Select(input => input.Id));
            Assert.Equal([picture], LabelledImages.FromFolders(folder.Path).Select(example => example.Image.Name));
            Assert.EndsWith("or farbfeld.", PictureFile.Description, StringComparison.Ordinal);
            Assert.Contains("is a picture", Refused());
            Assert.Contains("a JPEG, PNG, GIF, WebP, BMP or farbfeld picture", Error([1, 2, 3]));
        }
        Assert.Equal(BuiltIn, ImageFormats.Names);
        Assert.Contains($"is not a {BuiltIn} picture: it starts with 6661726266656C64", Error(FarbfeldDecoder.File(5, 3, Color)));

        string Refused() => Assert.Throws<ArgumentException>(() => InputSources.Open([picture], new InputOptions())).Message;
    }

    [Fact]
    public void ADisposedRegistrationTakesOutItsOwnFormatOnly()
    {
        var first = ImageFormats.Register(new FarbfeldDecoder());
        first.Dispose();
        using var second = ImageFormats.Register(new FarbfeldDecoder());
        first.Dispose();
        Assert.EndsWith("farbfeld", ImageFormats.Names, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FARBFELD", ".ff", "There is a format FARBFELD already; found JPEG, PNG, GIF, WebP, BMP or farbfeld.")]
    [InlineData("Png", ".ff", "There is a format Png already")]
    [InlineData(" ", ".ff", "FarbfeldDecoder has no name")]
    [InlineData("other", "ff", "other has the extension 'ff'; expected one such as '.tif'")]
    [InlineData("other", ".", "other has the extension '.'")]
    [InlineData("other", ".tar.gz", "other has the extension '.tar.gz'")]
    public void WhatCannotBeRegisteredIsNamed(string name, string extension, string message)
    {
        using var registration = ImageFormats.Register(new FarbfeldDecoder());
        var error = Assert.Throws<ArgumentException>("decoder", () => ImageFormats.Register(new FarbfeldDecoder(name, extension)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirstOfTwoThatRecognizeAFileDecodesIt()
    {
        var (first, second) = (new FarbfeldDecoder(), new FarbfeldDecoder("other", ".ff"));
        using var firstRegistration = ImageFormats.Register(first);
        using var secondRegistration = ImageFormats.Register(second);
        RgbImage.Decode(ImageSource.FromBytes(FarbfeldDecoder.File(1, 1, Color)));
        Assert.Equal((1, 0), (first.Decoded, second.Decoded));
        Assert.Single(ImageFormats.Extensions, ".ff");
    }

    [Theory]
    [InlineData(true, "claims 300 x 200 pixels, more than the limit of 59999; it was not decoded.")]
    [InlineData(false, "has 300 x 200 pixels, more than the limit of 59999.")]
    public void LimitsHoldForADecoderFromOutside(bool saysItsSize, string message)
    {
        var decoder = new FarbfeldDecoder { SaysItsSize = saysItsSize };
        using var registration = ImageFormats.Register(decoder);
        Assert.Equal($"bad.bin {message}", Error(FarbfeldDecoder.File(300, 200, Color), new() { MaxPixels = 59_999 }));
        Assert.Equal(saysItsSize ? 0 : 1, decoder.Decoded);
    }

    [Fact]
    public void WhatIsNotStoredAsRgbIsRefusedIfItMayNotBeConverted()
    {
        using var registration = ImageFormats.Register(new FarbfeldDecoder());
        var options = new ImageProcessingOptions { Config = new CLIPImageProcessorConfig { DoConvertRgb = false } };
        Assert.StartsWith("bad.bin is not stored as RGB", Error(FarbfeldDecoder.File(5, 3, Color), options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void ADecodersFailureIsThePicturesFaultAndSkipped(int length)
    {
        using var registration = ImageFormats.Register(new FarbfeldDecoder());
        var cut = ImageSource.FromBytes(FarbfeldDecoder.File(5, 3, Color).AsMemory(0, length), "cut.ff");
        using var batch = new CLIPImageProcessor().Process(
            [cut, ImageSource.FromBytes(FarbfeldDecoder.File(5, 3, Color))], new() { OnError = ImageErrorHandling.Skip });
        var error = Assert.IsType<ImageException>(Assert.Single(batch.Skipped).Error);
        Assert.StartsWith("cut.ff starts as a farbfeld picture but cannot be decoded: ", error.Message, StringComparison.Ordinal);
        Assert.IsType<ArgumentOutOfRangeException>(error.InnerException);
        Assert.Equal(1, batch.PixelValues.shape[0]);
    }

    private static string Error(byte[] file, ImageProcessingOptions? options = null) => Assert.Throws<ImageException>(
        () => new CLIPImageProcessor().Process(ImageSource.FromBytes(file, "bad.bin"), options).Dispose()).Message;
}
