using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

public class PillowResamplerTests
{
    public static TheoryData<Resampling> Filters => [.. Enum.GetValues<Resampling>()];

    [Theory]
    [MemberData(nameof(Filters))]
    public void IsEqualToTheScalarResampler(Resampling filter)
    {
        var random = new Random((int)filter);
        for (var i = 0; i < 60; i++)
        {
            var (width, height) = (random.Next(1, 90), random.Next(1, 90));
            var pixels = TestPictures.Noise(width * height * PillowResampler.PixelBytes, seed: i);
            var geometry = new ImageGeometry(Axis(random, height), Axis(random, width));

            var expected = ScalarResampler.Resize(pixels, width, Plan(geometry.Vertical), Plan(geometry.Horizontal));

            Assert.Equal(ToPlanes(expected), Apply(pixels, width, height, geometry, filter));
        }

        ResampleAxis Plan(AxisGeometry axis) =>
            ResampleAxis.Create(axis.SourceSize, axis.ResizedSize, filter, axis.VisibleStart, axis.VisibleSize, mirrored: false);
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void ACroppedResizeIsThePartOfTheWholeOne(Resampling filter)
    {
        var pixels = TestPictures.Noise(50 * 41 * PillowResampler.PixelBytes, seed: 1);
        var whole = new ImageGeometry(new(41, 67, 67), new(50, 30, 30));
        var cropped = new ImageGeometry(new(41, 67, 20), new(50, 30, 13));

        var all = Apply(pixels, 50, 41, whole, filter);
        var part = Apply(pixels, 50, 41, cropped, filter);

        for (var row = 0; row < 3 * 20; row++)
        {
            var (channel, y) = (row / 20, row % 20);
            Assert.Equal(all.AsSpan((channel * 67 + y + 23) * 30 + 8, 13), part.AsSpan(row * 13, 13));
        }
    }

    [Fact]
    public void WeightsOfAPixelSumToOne()
    {
        const int One = 1 << ResampleAxis.PrecisionBits;
        foreach (var filter in Enum.GetValues<Resampling>().Except([Resampling.Nearest]))
        {
            var axis = ResampleAxis.Create(97, 31, filter, 0, 31, mirrored: false);
            foreach (var weights in axis.Weights.Chunk(axis.Taps))
                Assert.InRange(weights.Sum(), One - axis.Taps, One + axis.Taps);
        }
    }

    private static AxisGeometry Axis(Random random, int size)
    {
        var resized = random.Next(4) == 0 ? size : random.Next(1, 120);
        return new AxisGeometry(size, resized, random.Next(1, resized + 1));
    }

    // As planes of red, green and blue.
    private static byte[] Apply(byte[] pixels, int width, int height, ImageGeometry geometry, Resampling filter)
    {
        using var workspace = new ImageWorkspace();
        var source = ImageSource.FromPixels(pixels, width, height, PixelFormat.Rgba32);
        using var rows = ImageDecoder.Open(source, new(), convertRgb: true, workspace);
        var result = new byte[3 * geometry.Vertical.Size * geometry.Horizontal.Size];
        ChannelTables.Identity.Write(ImageTransform.Apply(rows, geometry, filter, workspace), geometry, result);
        return result;
    }

    private static byte[] ToPlanes(byte[] pixels) =>
        [.. Enumerable.Range(0, 3).SelectMany(channel => pixels.Where((_, i) => i % PillowResampler.PixelBytes == channel))];
}
