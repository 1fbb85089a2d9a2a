using System.Diagnostics;
using AltClip.Imaging;
using AltClip.Training.Augmentation;
using SkiaSharp;

namespace AltClip.Benchmarks;

/// <summary>What augmenting and loading training pictures costs.</summary>
internal static class DataBenchmark
{
    private static readonly int Rounds = Effort.Of(5, quick: 1);
    private static readonly int LeastCalls = Effort.Of(5, quick: 1);
    private static readonly int LeastMilliseconds = Effort.Of(100, quick: 0);

    /// <summary>Runs everything over the pictures of <c>real/</c>.</summary>
    internal static void Run(string dataFolder, TextWriter output)
    {
        var photos = Directory.GetFiles(Path.Combine(dataFolder, "real")).Order().Select(File.ReadAllBytes).ToList();
        var half = photos.Select(photo => Encoded(ShorterEdge(Decode(photo), 500), SKEncodedImageFormat.Jpeg)).ToList();
        Augment(photos, half, output);
        LoaderBenchmark.Run(half, Path.Combine(dataFolder, "..", "e2e"), output);
    }

    private static void Augment(List<byte[]> photos, List<byte[]> half, TextWriter output)
    {
        var small = photos.Select(photo => new RandomResizedCrop(64) { Scale = (1, 1) }.Apply(Decode(photo), new SeededRandom(1))).ToList();
        (string Name, IImageAugmentation Small, IImageAugmentation Large)[] steps =
        [
            ("crop", new RandomResizedCrop(64) { Scale = (0.5, 1) }, new RandomResizedCrop(224) { Scale = (0.5, 1), Interpolation = Resampling.Bicubic }),
            ("flip", new RandomHorizontalFlip(), new RandomHorizontalFlip()),
            ("jitter", Jitter(), Jitter()),
            ("grey", new RandomGrayscale(0.2), new RandomGrayscale(0.2)),
            ("blur", new RandomApply(0.5, new GaussianBlur(7)), new RandomApply(0.5, new GaussianBlur(23))),
            ("affine", Affine(), Affine()),
            ("JPEG", new Jpeg(50, 95), new Jpeg(50, 95)),
        ];
        output.WriteLine("one core, microseconds a picture: at 64 x 64; of a photo 500 pixels high, cropped to 224 x 224");
        for (var n = 0; n < steps.Length; n++)
        {
            var cropped = half.Select(photo => n == 0 ? Decode(photo) : new RandomResizedCrop(224).Apply(Decode(photo), new SeededRandom(1))).ToList();
            output.WriteLine($"  {steps[n].Name,-8}{Microseconds(steps[n].Small, small),8:F0}{Microseconds(steps[n].Large, cropped),8:F0}");
        }
        var all = Microseconds(new Compose(steps.Select(step => step.Small)), small);
        var large = Microseconds(new Compose(steps.Select(step => step.Large)), [.. half.Select(Decode)]);
        var decoding = Best(() => half.ForEach(photo => Decode(photo))) / half.Count;
        output.WriteLine($"  all     {all,8:F0}{large,8:F0}: {1e6 / all:F0} small pictures a second; decoding such a photo takes {decoding:F0}");
    }

    private static ColorJitter Jitter() => new() { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 };

    private static RandomAffine Affine() => new()
    {
        Degrees = (-11, 11),
        Translate = (0.15, 0.15),
        Scale = (0.75, 1.25),
        Interpolation = Resampling.Bilinear,
        Fill = null,
    };

    private static RgbImage Decode(byte[] photo) => RgbImage.Decode(ImageSource.FromBytes(photo));

    private static RgbImage ShorterEdge(RgbImage image, int height) =>
        new RandomResizedCrop(height, image.Width * height / image.Height).Resize(image, 0, 0, image.Height, image.Width);

    internal static unsafe byte[] Encoded(RgbImage image, SKEncodedImageFormat format)
    {
        fixed (byte* pixels = image.Pixels)
        {
            using var pixmap = new SKPixmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)pixels);
            using var encoded = pixmap.Encode(format, 90)!;
            return encoded.ToArray();
        }
    }

    // Cloning is what the copies of one picture cost, and no part of the change.
    private static double Microseconds(IImageAugmentation augmentation, List<RgbImage> images)
    {
        var seed = 0;
        var cloning = Best(() => images.ForEach(image => image.Clone()));
        var both = Best(() => images.ForEach(image => augmentation.Apply(image.Clone(), new SeededRandom(seed++))));
        return (both - cloning) / images.Count;
    }

    // Random changes differ in cost: the mean of many, in the best of a few rounds.
    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var (start, count) = (Stopwatch.GetTimestamp(), 0);
            do action(); while (++count < LeastCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < LeastMilliseconds);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / count);
        }
        return best;
    }
}
