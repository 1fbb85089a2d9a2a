using AltClip.Imaging;
using AltClip.Imaging.Magick;
using ImageMagick;
using Xunit;

namespace AltClip.Tests;

/// <summary>TIFF, HEIC and AVIF beyond what the reference's pictures show: limits, damage, settings.</summary>
public class MagickDecodersTests : ImageTests
{
    private static readonly string[] Files = ["rgb-tiff_lzw.tif", "cmyk.tif", "grey16.tif", "palette.tif", "jpeg.tif", "rgb.heic", "rgba.avif"];

    public static TheoryData<string> AllFiles => [.. Files];

    [Fact]
    public void OneLineAddsThreeFormatsAndTakesThemOut()
    {
        using (MagickDecoders.Register())
        {
            Assert.EndsWith("BMP, TIFF, HEIC or AVIF", ImageFormats.Names, StringComparison.Ordinal);
            Assert.All(["a.tif", "a.TIFF", "a.heic", "a.heif", "a.avif"], name => Assert.True(ImageFormats.IsPicture(name), name));
            Assert.Throws<ArgumentException>(() => MagickDecoders.Register());
        }
        Assert.EndsWith("WebP or BMP", ImageFormats.Names, StringComparison.Ordinal);
    }

    [Fact]
    public void ALimitThatAllowsNothingIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MagickDecoders.Register(new() { MaxMemory = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => MagickDecoders.Register(new() { MaxTime = TimeSpan.Zero }));
        Assert.EndsWith("WebP or BMP", ImageFormats.Names, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingButTheNamedDecodersIsAllowed()
    {
        Read("rgb.heic");
        var png = File.ReadAllBytes(TestPictures.Reference("rgb.png"));
        Assert.Throws<MagickPolicyErrorException>(() => new MagickImage(png, MagickFormat.Png));
        Assert.Throws<MagickPolicyErrorException>(() => new MagickImage("<svg xmlns='http://www.w3.org/2000/svg'/>"u8, MagickFormat.Svg));
        Assert.Throws<MagickPolicyErrorException>(() => new MagickImage("logo:"));
        Assert.DoesNotContain(MagickNET.Delegates.Split(" "), name => name is "ps" or "gs");
    }

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void WhatTakesTooMuchMemoryIsRefused(string file) =>
        Assert.Contains("more than the limit of 50000", Assert.Throws<ImageException>(() => Read(file, new MagickDecoderOptions { MaxMemory = 50_000 })).Message);

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void WhatClaimsTooManyPixelsIsNotDecoded(string file) =>
        Assert.Contains("more than the limit of 4000; it was not decoded", Assert.Throws<ImageException>(() => Read(file, images: new() { MaxPixels = 4_000 })).Message);

    [Fact]
    public void WhatTakesTooLongIsStopped()
    {
        using var formats = MagickDecoders.Register(new() { MaxTime = TimeSpan.FromTicks(1) });
        var error = Assert.Throws<ImageException>(() => RgbImage.Decode(ImageSource.FromBytes(Tiff(3000, 3000, 8, new byte[9_000_000]))));
        Assert.Contains("it took longer than the limit of 1E-07 seconds", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void DamageNeverDoesMoreThanFail(string file)
    {
        using var formats = MagickDecoders.Register();
        var bytes = File.ReadAllBytes(TestData.Path("pictures", "files", file));
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var k = 0; k < 4; k++)
                damaged[random.Next(random.Next(2) == 0 ? Math.Min(600, damaged.Length) : damaged.Length)] = (byte)random.Next(256);
            NamesIt(damaged);
        }
        for (var length = 1; length < bytes.Length; length += 1 + bytes.Length / 30)
            NamesIt(bytes[..length]);
    }

    [Theory]
    [InlineData("rgb-raw.tif")]
    [InlineData("rgb-tiff_lzw.tif")]
    [InlineData("rgb-packbits.tif")]
    public void ACutTiffIsAnErrorUnlessItIsAllowed(string file)
    {
        using var formats = MagickDecoders.Register();
        // The directory stands behind the header or at the end; the cut is in the pixels.
        var bytes = File.ReadAllBytes(TestData.Path("pictures", "files", file));
        var whole = RgbImage.Decode(ImageSource.FromBytes(bytes));
        var cut = ImageSource.FromBytes(bytes.AsMemory(0, bytes.Length - 2000), "bad.bin");
        if (bytes[4] + (bytes[5] << 8) > bytes.Length - 2000)
        {
            Assert.Throws<ImageException>(() => RgbImage.Decode(cut));
            return;
        }
        Assert.StartsWith("bad.bin starts as a TIFF picture but", Assert.Throws<ImageException>(() => RgbImage.Decode(cut)).Message, StringComparison.Ordinal);
        var rest = RgbImage.Decode(cut, new() { AllowTruncated = true });
        Assert.Equal(whole.Pixels[..(whole.Pixels.Length / 2)].ToArray(), rest.Pixels[..(whole.Pixels.Length / 2)].ToArray());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 5)]
    public void SamplesOf16BitsAreThoseOfPillow(int samples, int orientation)
    {
        ushort[] values = [.. Enumerable.Range(0, 12 * samples).Select(i => (ushort)(i * 1777 % 65536))];
        values[1] = 17;
        byte[] pixels = [.. values.SelectMany(value => new[] { (byte)value, (byte)(value >> 8) })];
        using var formats = MagickDecoders.Register();

        var image = RgbImage.Decode(ImageSource.FromBytes(Tiff(4, 3, 16, pixels, samples, orientation)), new() { ApplyExifOrientation = false });

        for (var i = 0; i < 12; i++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var expected = samples == 1 ? Math.Min(values[i], (ushort)255) : values[3 * i + channel] >> 8;
                Assert.Equal(expected, image.Pixels[4 * i + channel]);
            }
        }
    }

    [Fact]
    public void ATransparentPictureIsLaidOnABackground()
    {
        var over = Read("rgba.tif", images: new() { Background = new(0, 0, 0) });
        var dropped = Read("rgba.tif");
        Assert.NotEqual(dropped.Pixels.ToArray(), over.Pixels.ToArray());
    }

    [Fact]
    public void OrientationIsLeftIfAsked()
    {
        var stored = Read("orientation-6.tif", images: new() { ApplyExifOrientation = false });
        Assert.Equal((83, 61), (stored.Width, stored.Height));
    }

    [Fact]
    public async Task PicturesThatFindNoRoomWait()
    {
        using var formats = MagickDecoders.Register(new() { MaxMemory = 100_000 });
        var source = ImageSource.FromFile(TestData.Path("pictures", "files", "rgb-raw.tif"));
        var images = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => RgbImage.Decode(source))));
        Assert.All(images, image => Assert.Equal(images[0].Pixels.ToArray(), image.Pixels.ToArray()));
    }

    private static void NamesIt(byte[] bytes)
    {
        try
        {
            RgbImage.Decode(ImageSource.FromBytes(bytes, "bad.bin"), new() { MaxPixels = 1_000_000 });
        }
        catch (ImageException error)
        {
            Assert.StartsWith("bad.bin ", error.Message, StringComparison.Ordinal);
        }
    }

    private static RgbImage Read(string file, MagickDecoderOptions? options = null, ImageProcessingOptions? images = null)
    {
        using var formats = MagickDecoders.Register(options);
        return RgbImage.Decode(ImageSource.FromFile(TestData.Path("pictures", "files", file)), images);
    }

    private static byte[] Tiff(int width, int height, int bits, byte[] pixels, int samples = 1, int orientation = 0)
    {
        (int Tag, int Value)[] entries =
        [
            (256, width), (257, height), (258, bits), (259, 1), (262, samples == 1 ? 1 : 2), (273, 8), (274, orientation == 0 ? 1 : orientation),
            (277, samples), (278, height), (279, pixels.Length),
        ];
        byte[] directory = [.. BitConverter.GetBytes((short)entries.Length), .. entries.SelectMany(e => (byte[])
            [.. BitConverter.GetBytes((short)e.Tag), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(e.Value)]), 0, 0, 0, 0];
        return [.. "II*\0"u8, .. BitConverter.GetBytes(8 + pixels.Length), .. pixels, .. directory];
    }
}
