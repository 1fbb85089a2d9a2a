using System.Globalization;
using AltClip.Imaging;
using AltClip.Tests;
using AltClip.Training.Augmentation;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class AugmentationTests
{
    private const int Width = 19;
    private const int Height = 13;

    // Made with Pillow 9.4's ImageEnhance, convert, resize and transform; the matrices and the blur by torchvision's formulas.
    private static readonly Dictionary<string, (int Width, int Height, byte[] Rgb)> Pillow =
        File.ReadLines(Path.Combine(TestData.Folder, "..", "AltClip.Training.Tests", "Data", "pillow.tsv")).Select(line => line.Split('\t'))
            .ToDictionary(parts => parts[0], parts => (int.Parse(parts[1]), int.Parse(parts[2]), Convert.FromBase64String(parts[3])));

    public static TheoryData<string> Colours =>
        [.. Pillow.Keys.Where(name => name.Split(' ')[0] is "brightness" or "contrast" or "saturation" or "hue" or "gray")];

    [Theory]
    [MemberData(nameof(Colours))]
    public void ColoursChangeAsInPillow(string name)
    {
        var image = Picture();
        var (change, factor) = (name.Split(' ')[0], double.Parse(name.Split(' ')[1], CultureInfo.InvariantCulture));
        if (change == "brightness") ColorOperations.Brightness(image.Pixels, (float)factor);
        if (change == "contrast") ColorOperations.Contrast(image.Pixels, (float)factor);
        if (change == "saturation") ColorOperations.Saturation(image.Pixels, (float)factor);
        if (change == "hue") ColorOperations.Hue(image.Pixels, factor);
        if (change == "gray") ColorOperations.Grayscale(image.Pixels);
        AssertEqual(name, image);
    }

    [Theory]
    [InlineData("crop bicubic", 2, 3, 9, 11, Resampling.Bicubic)]
    [InlineData("crop bilinear", 0, 1, 13, 9, Resampling.Bilinear)]
    public void CropsAreResizedAsInPillow(string name, int top, int left, int height, int width, Resampling filter)
    {
        var crop = new RandomResizedCrop(Pillow[name].Height, Pillow[name].Width) { Interpolation = filter };
        AssertEqual(name, crop.Resize(Picture(), top, left, height, width));
    }

    [Theory]
    [InlineData("affine a", 11, 2, -1, 0.8, 0)]
    [InlineData("affine b", -37, 0, 3, 1.3, 15)]
    public void PicturesTurnAsInPillow(string name, double angle, double shiftX, double shiftY, double scale, double shear)
    {
        var matrix = AffineMatrix.Inverse(Width, Height, angle, shiftX, shiftY, scale, shear);
        var fill = new RgbColor(10, 200, 30);
        AssertEqual(name + " nearest", RandomAffine.Transform(Picture(), matrix, Resampling.Nearest, fill));
        // Pillow truncates doubles, this floats: where a value is all but a whole number, one off.
        AssertEqual(name + " bilinear", RandomAffine.Transform(Picture(), matrix, Resampling.Bilinear, fill), tolerance: 1, mostOff: 3);
    }

    [Theory]
    [InlineData("blur 5 0.7", 5, 0.7)]
    [InlineData("blur 9 2.0", 9, 2)]
    public void BlurIsTorchvisions(string name, int size, double sigma) =>
        AssertEqual(name, new GaussianBlur(size) { Sigma = (sigma, sigma) }.Apply(Picture(), new SeededRandom(1)), tolerance: 1, mostOff: 2);

    [Fact]
    public void AWideBlurOfASmallPictureKeepsAFlatColour()
    {
        var image = new RgbImage(3, 1);
        image.Pixels.Fill(77);
        Assert.Equal(Enumerable.Repeat((byte)77, 9), Rgb(new GaussianBlur(23) { Sigma = (5, 5) }.Apply(image, new SeededRandom(1))));
    }

    [Fact]
    public void AFlipIsItsOwnInverse()
    {
        var flip = new RandomHorizontalFlip(1);
        var once = flip.Apply(Picture(), new SeededRandom(1));
        Assert.Equal(Rgb(Picture())[..3], Rgb(once)[((Width - 1) * 3)..(Width * 3)]);
        Assert.Equal(Rgb(Picture()), Rgb(flip.Apply(once, new SeededRandom(1))));
    }

    [Fact]
    public void OutsideComesTheFillOrTheCornersColour()
    {
        var shift = AffineMatrix.Inverse(Width, Height, 0, 2, 0, 1, 0);
        var corner = Rgb(RandomAffine.Transform(Picture(), shift, Resampling.Bilinear, fill: null));
        Assert.Equal(Rgb(Picture())[..3], corner[..3]);
        Assert.Equal(Rgb(Picture())[..(3 * (Width - 2))], corner[6..(3 * Width)]);
        var black = new RandomAffine { Scale = (0.1, 0.1) }.Apply(Picture(), new SeededRandom(1));
        Assert.Equal([0, 0, 0], Rgb(black)[..3]);
    }

    [Fact]
    public void AJpegIsNearAndTheNearerTheBetterItsQuality()
    {
        // Smooth, as photos are; noise is what JPEG can't keep.
        RgbImage Smooth()
        {
            var image = new RgbImage(64, 48);
            for (var i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(128 + 100 * Math.Sin(i / 4 % 64 / 9.0 + i % 4) * Math.Cos(i / 256 / 11.0));
            return image;
        }
        double Distance(int quality) => Rgb(new Jpeg(quality, quality).Apply(Smooth(), new SeededRandom(1)))
            .Zip(Rgb(Smooth()), (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(Distance(95), 0.01, 2);
        Assert.True(Distance(10) > 2 * Distance(95));
        Assert.Throws<InvalidOperationException>(() => new Jpeg(50, 50).Apply(new RgbImage(65_536, 1), new SeededRandom(1)));
    }

    [Fact]
    public void CropsStayInsideAndKeepTheirShape()
    {
        var crop = new RandomResizedCrop(8) { Scale = (0.2, 0.5) };
        var random = new SeededRandom(3);
        for (var i = 0; i < 1000; i++)
        {
            var (top, left, height, width) = crop.Part(120, 160, random);
            Assert.True(top >= 0 && left >= 0 && top + height <= 120 && left + width <= 160);
            Assert.InRange(height * width / (120.0 * 160), 0.19, 0.51);
            Assert.InRange((double)width / height, 0.73, 1.36);
        }
        Assert.Equal((0, 460, 60, 80), crop.Part(60, 1000, random) with { Top = 0 });
        Assert.Equal((0, 0, 1, 1), crop.Part(1, 1, random));
    }

    [Fact]
    public void TheSameSeedsGiveTheSamePictureAndOthersAnother()
    {
        var all = new Compose(
            new RandomResizedCrop(32) { Scale = (0.5, 1) }, new RandomHorizontalFlip(),
            new RandomApply(0.8, new ColorJitter { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }),
            new RandomGrayscale(), new RandomApply(0.5, new GaussianBlur(5)),
            new RandomAffine { Degrees = (-11, 11), Translate = (0.15, 0.15), Scale = (0.75, 1.25), Fill = null }, new Jpeg(50, 95));
        byte[] Made(params long[] seeds) => Rgb(all.Apply(Picture(), new SeededRandom(seeds)));
        var expected = Made(1, 2, 3);
        Assert.Equal(expected, Made(1, 2, 3));
        Assert.All([Made(1, 2, 4), Made(1, 3, 3), Made(3, 2, 1), Made(2, 1, 3)], other => Assert.NotEqual(expected, other));
    }

    [Fact]
    public void ASeededRandomIsEvenAndTheSameForEver()
    {
        var random = new SeededRandom(1, 2, 3);
        Assert.Equal([48, 20, 41, 39], Enumerable.Range(0, 4).Select(_ => random.Next(100)));
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++) counts[random.Next(10)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
        Assert.InRange(Enumerable.Range(0, 100_000).Average(_ => random.NextDouble()), 0.495, 0.505);
        Assert.InRange(Enumerable.Range(0, 1000).Select(i => new SeededRandom(7, i).NextDouble()).Average(), 0.47, 0.53);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(random.Next(-3, 4), -3, 3));
    }

    [Fact]
    public void ParametersOutOfRangeAreRefusedByName()
    {
        Assert.Throws<ArgumentException>("p", () => new RandomHorizontalFlip(1.1));
        Assert.Throws<ArgumentException>("p", () => new RandomGrayscale(double.NaN));
        Assert.Throws<ArgumentException>("Scale", () => new RandomResizedCrop(8) { Scale = (0.5, 0.2) });
        Assert.Throws<ArgumentOutOfRangeException>("height", () => new RandomResizedCrop(0));
        Assert.Throws<ArgumentException>("Hue", () => new ColorJitter { Hue = 0.6 });
        Assert.Throws<ArgumentException>("kernelSize", () => new GaussianBlur(4));
        Assert.Throws<ArgumentException>("Interpolation", () => new RandomAffine { Interpolation = Resampling.Lanczos });
        Assert.Throws<ArgumentException>("Translate", () => new RandomAffine { Translate = (0, -1) });
        Assert.Throws<ArgumentException>("minQuality", () => new Jpeg(0, 50));
        Assert.Contains("transforms[1]", Assert.Throws<ArgumentException>(() => new Compose([new Jpeg(1, 2), null!])).Message);
    }

    [Theory]
    [InlineData("exif-6.png")]
    [InlineData("exif-8.jpg")]
    [InlineData("exif-5.webp")]
    public void DecodedPicturesStandUpright(string file)
    {
        var source = ImageSource.FromFile(TestPictures.Own(file));
        Assert.Equal(TestPictures.Decode(source), Rgb(RgbImage.Decode(source)));
        Assert.Equal(TestPictures.Decode(source), TestPictures.Decode(RgbImage.Decode(source).Clone().ToSource()));
    }

    private static RgbImage Picture()
    {
        var image = new RgbImage(Width, Height);
        for (var i = 0; i < Width * Height * 3; i++) image.Pixels[i / 3 * 4 + i % 3] = (byte)((i * i * 7 + i * 13 + (i >> 3) * 29) >> 1);
        return image;
    }

    private static byte[] Rgb(RgbImage image) => [.. image.Pixels.ToArray().Where((_, i) => i % 4 < 3)];

    private static void AssertEqual(string name, RgbImage image, int tolerance = 0, int mostOff = 0)
    {
        var (width, height, expected) = Pillow[name];
        Assert.Equal((width, height), (image.Width, image.Height));
        var off = expected.Zip(Rgb(image), (a, b) => Math.Abs(a - b)).Where(difference => difference > 0).ToList();
        Assert.True(off.Count <= mostOff && off.All(difference => difference <= tolerance), $"{off.Count} off, by {string.Join(",", off.Take(9))}");
    }
}
