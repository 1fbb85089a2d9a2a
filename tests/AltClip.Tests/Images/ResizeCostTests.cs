using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

/// <summary>Pictures and settings whose resizing would take more than either of them: refused by name before that.</summary>
public sealed class ResizeCostTests
{
    [Theory]
    [InlineData(1, 30_000, "1 x 30000 pixels, would come out with 1505280000 pixels")]
    [InlineData(30_000, 1, "30000 x 1 pixels, would come out with 1505280000 pixels")]
    public void TheResultOfANarrowPictureIsBounded(int width, int height, string expected) =>
        AssertRefused(width, height, new() { DoCenterCrop = false }, 100_000_000, expected);

    [Theory]
    [InlineData(1, 30_000)]
    [InlineData(30_000, 1)]
    public void OfWhichACropTakesTheMiddle(int width, int height) =>
        new CLIPImageProcessor().Process(Png(width, height), new() { MaxPixels = 100_000 }).Dispose();

    [Theory]
    [InlineData(2, 60_000, 1_000_000, "would be resized over 13440000 pixels")]
    [InlineData(60_000, 2, 200_000, "would be resized by as many weights as 240576 pixels")]
    public void WhatIsBetweenThePassesIsBounded(int width, int height, long maxPixels, string expected) =>
        AssertRefused(width, height, new() { Size = ImageSize.Exactly(224, 224) }, maxPixels, expected);

    [Fact]
    public void AUsualPictureMayHaveAllPixels() =>
        new CLIPImageProcessor().Process(Png(1_000, 2_000), new() { MaxPixels = 2_000_000 }).Dispose();

    // Nearest has no weights; two a pixel are counted all the same, and no more.
    [Fact]
    public void NearestCostsLittle()
    {
        var config = new CLIPImageProcessorConfig { Size = ImageSize.Exactly(1, 30_000), DoCenterCrop = false, Resample = Resampling.Nearest };
        new CLIPImageProcessor(config).Process(Png(2, 2), new() { MaxPixels = 60_000 }).Dispose();
        Assert.Throws<ImageException>(() => new CLIPImageProcessor(config).Process(Png(2, 2), new() { MaxPixels = 59_999 }));
    }

    private static void AssertRefused(int width, int height, CLIPImageProcessorConfig config, long maxPixels, string expected)
    {
        var source = Png(width, height);
        // What a process loads for its first picture isn't what this one takes.
        new CLIPImageProcessor().Process(Png(2, 2)).Dispose();
        // One picture stays on the caller's thread; others have their own tests.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageException>(() => new CLIPImageProcessor(config).Process(source, new() { MaxPixels = maxPixels }));
        Assert.Contains(expected, error.Message);
        Assert.Contains("narrow.png", error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    private static ImageSource Png(int width, int height) => ImageSource.FromBytes(TestPictures.Png(width, height), "narrow.png");
}
