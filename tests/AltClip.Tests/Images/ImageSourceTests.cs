using AltClip.Imaging;
using TorchSharp;
using Xunit;

namespace AltClip.Tests;

public class ImageSourceTests : ImageTests
{
    private const int Width = 5;
    private const int Height = 4;

    [Fact]
    public void FilesBytesAndStreamsAreTheSamePicture()
    {
        var file = TestPictures.Reference("q75-420.jpg");
        var bytes = File.ReadAllBytes(file);
        using var stream = File.OpenRead(file);
        var expected = TestPictures.Hash(ImageSource.FromFile(file));

        Assert.Equal(expected, TestPictures.Hash(ImageSource.FromBytes(bytes)));
        Assert.Equal(expected, TestPictures.Hash(ImageSource.FromStream(stream)));
        Assert.Equal(expected, TestPictures.Hash(ImageSource.FromStream(new Unseekable(bytes))));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void ASourceOutlivesItsStreamAndCanBeUsedAgain()
    {
        ImageSource source;
        using (var stream = File.OpenRead(TestPictures.Reference("gray16.png")))
            source = ImageSource.FromStream(stream);

        Assert.Equal(TestPictures.Reference("gray16.png"), source.Name);
        Assert.Equal(TestPictures.Hash(source), TestPictures.Hash(source));
    }

    [Fact]
    public void BytesAreNotChanged()
    {
        foreach (var file in new[] { TestPictures.Reference("gray16.png"), TestPictures.Own("gif-transparent.gif") })
        {
            var bytes = File.ReadAllBytes(file);

            TestPictures.Decode(ImageSource.FromBytes(bytes));

            Assert.Equal(File.ReadAllBytes(file), bytes);
        }
    }

    [Theory]
    [InlineData(PixelFormat.Rgb24, 0)]
    [InlineData(PixelFormat.Rgb24, 32)]
    [InlineData(PixelFormat.Rgba32, 0)]
    [InlineData(PixelFormat.Bgra32, 0)]
    [InlineData(PixelFormat.Bgra32, 27)]
    [InlineData(PixelFormat.Gray8, 0)]
    [InlineData(PixelFormat.Gray8, 8)]
    public void PixelsAreReadInTheirFormat(PixelFormat format, int stride)
    {
        var size = format switch { PixelFormat.Gray8 => 1, PixelFormat.Rgb24 => 3, _ => 4 };
        var step = stride == 0 ? Width * size : stride;
        // The last row ends with its last pixel: that is all a caller has to hand over.
        var rows = TestPictures.Noise(step * (Height - 1) + Width * size, seed: 2);
        var (red, green, blue) = format switch { PixelFormat.Gray8 => (0, 0, 0), PixelFormat.Bgra32 => (2, 1, 0), _ => (0, 1, 2) };
        var pixels = from y in Enumerable.Range(0, Height) from x in Enumerable.Range(0, Width) select y * step + x * size;

        var actual = TestPictures.Decode(ImageSource.FromPixels(rows, Width, Height, format, stride));

        Assert.Equal(pixels.SelectMany(at => new[] { rows[at + red], rows[at + green], rows[at + blue] }), actual);
    }

    [Fact]
    public void PixelsWithAlphaAreLaidOnABackground()
    {
        var source = ImageSource.FromPixels([200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 128], 3, 1, PixelFormat.Rgba32);
        var options = new ImageProcessingOptions { Background = RgbColor.White };

        Assert.Equal([200, 100, 0, 255, 255, 255, 227, 177, 127], TestPictures.Decode(source, options));
        Assert.Equal([200, 100, 0, 200, 100, 0, 200, 100, 0], TestPictures.Decode(source));
    }

    [Theory]
    [InlineData(TensorLayout.HeightWidthChannels, 1)]
    [InlineData(TensorLayout.HeightWidthChannels, 3)]
    [InlineData(TensorLayout.ChannelsHeightWidth, 3)]
    [InlineData(TensorLayout.ChannelsHeightWidth, 4)]
    public void TensorsOfBytesAndOfNumbersAreTheSamePicture(TensorLayout layout, int channels)
    {
        var rows = TestPictures.Noise(Width * Height * channels, seed: 3);
        var format = channels switch { 1 => PixelFormat.Gray8, 3 => PixelFormat.Rgb24, _ => PixelFormat.Rgba32 };
        var expected = TestPictures.Decode(ImageSource.FromPixels(rows, Width, Height, format));
        using var scope = torch.NewDisposeScope();
        var bytes = torch.tensor(rows, [Height, Width, channels]);
        if (layout == TensorLayout.ChannelsHeightWidth)
            bytes = bytes.permute(2, 0, 1);

        Assert.Equal(expected, TestPictures.Decode(ImageSource.FromTensor(bytes, layout)));
        Assert.Equal(expected, TestPictures.Decode(ImageSource.FromTensor(bytes.to(torch.float32) / 255, layout)));
        Assert.Equal(expected, TestPictures.Decode(ImageSource.FromTensor(bytes.to(torch.float64) / 255, layout)));
    }

    [Fact]
    public void TensorsThatAreNoPicturesAreRefused()
    {
        using var scope = torch.NewDisposeScope();

        Refused("3 dimensions; found [2, 2]", torch.zeros(2, 2));
        Refused("1, 3 or 4 channels; found 2", torch.zeros(2, 2, 2));
        Refused("empty: [0, 2, 3]", torch.zeros(0, 2, 3));
        Refused("found Int64", torch.zeros(2, 2, 3, dtype: torch.int64));
        Refused("found 0 to 255", torch.tensor(new float[] { 0, 1, 255 }).view(1, 1, 3));
        Refused("found NaN to NaN", torch.full([1, 1, 3], float.NaN));
        Assert.Throws<ArgumentNullException>(() => ImageSource.FromTensor(null!, TensorLayout.HeightWidthChannels));

        static void Refused(string reason, torch.Tensor tensor)
        {
            var error = Assert.Throws<ArgumentException>(() => ImageSource.FromTensor(tensor, TensorLayout.HeightWidthChannels));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PixelsThatDoNotFitAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSource.FromPixels(new byte[12], 0, 1, PixelFormat.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSource.FromPixels(new byte[12], 1, -1, PixelFormat.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSource.FromPixels(new byte[12], 1, 1, (PixelFormat)9));
        Refused("stride of 5", size: 12, width: 2, height: 2, stride: 5);
        Refused("take 12 bytes; found 11", size: 11, width: 2, height: 2);
        Refused("take 17 bytes; found 16", size: 16, width: 2, height: 2, stride: 11);
        Refused("pixels are more than", size: 1, width: int.MaxValue, height: int.MaxValue);

        static void Refused(string reason, int size, int width, int height, int stride = 0)
        {
            var error = Assert.Throws<ArgumentException>(() => ImageSource.FromPixels(new byte[size], width, height, PixelFormat.Rgb24, stride));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NamesAndStreamsAreChecked()
    {
        Assert.Throws<ArgumentNullException>(() => ImageSource.FromFile(null!));
        Assert.Throws<ArgumentException>(() => ImageSource.FromFile(""));
        Assert.Throws<ArgumentException>(() => ImageSource.FromBytes(default, name: ""));
        Assert.Throws<ArgumentNullException>(() => ImageSource.FromStream(null!));
        var closed = new MemoryStream();
        closed.Dispose();
        Assert.Throws<ArgumentException>(() => ImageSource.FromStream(closed));
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }
    }

    [Fact]
    public void WhatAChangeDoesWrongNamesThePicture()
    {
        var picture = ImageSource.FromPixels(new byte[12], 2, 2, PixelFormat.Rgb24, name: "mine.png");
        var failure = new InvalidOperationException("no memory of it");
        Refused("returned null", null, _ => null!);
        Refused(failure.Message, failure, _ => throw failure);
        Assert.Throws<OperationCanceledException>(() => RgbImage.Decode(picture.Changed(_ => throw new OperationCanceledException())));

        void Refused(string message, Exception? inner, Func<RgbImage, RgbImage> change)
        {
            var good = ImageSource.FromPixels(new byte[12], 2, 2, PixelFormat.Rgb24, name: "good.png");
            var error = Assert.Throws<ImageException>(() => new CLIPImageProcessor().Process([good, picture.Changed(change)]));
            Assert.Contains("mine.png", error.Message);
            Assert.Contains(message, error.Message);
            Assert.Same(inner, error.InnerException);
        }
    }
}
