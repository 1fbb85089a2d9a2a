using System.Diagnostics;
using AltClip.Imaging;
using AltClip.Tests;
using SkiaSharp;

namespace AltClip.Benchmarks;

/// <summary>What preparing pictures costs: over decoding them, vectorised over scalar, on all cores over one, and in memory.</summary>
internal static unsafe class ImagesBenchmark
{
    private static readonly int Rounds = Effort.Of(15, quick: 1);

    /// <summary>Runs everything over the pictures of <c>real/</c>.</summary>
    internal static void Run(string dataFolder, TextWriter output)
    {
        var files = Directory.GetFiles(Path.Combine(dataFolder, "real")).Order().Select(File.ReadAllBytes).ToList();
        CompareWithDecoding(files, output);
        CompareWithScalar(files, output);
        CompareWithOneCore(files, output);
        MeasureMemory(output);
    }

    private static void CompareWithDecoding(List<byte[]> files, TextWriter output)
    {
        var processor = new CLIPImageProcessor();
        using var pixels = new NativeBuffer();
        var (decoding, whole) = (0.0, 0.0);
        foreach (var file in files)
        {
            var source = ImageSource.FromBytes(file);
            var (first, second) = Best(() => Decode(file, pixels), () => processor.Process(source).Dispose());
            decoding += first;
            whole += second;
        }
        output.WriteLine(
            $"pictures, one core: SkiaSharp's decoding {decoding / files.Count:F2} ms a picture, "
            + $"decoding and processing {whole / files.Count:F2} ms: {whole / decoding:F2} x (at most 1.3 x)");
    }

    private static void CompareWithScalar(List<byte[]> files, TextWriter output)
    {
        using var workspace = new ImageWorkspace();
        using var pixels = new NativeBuffer();
        var (vectorised, scalar) = (0.0, 0.0);
        foreach (var file in files)
        {
            var (width, height) = Decode(file, pixels);
            using var rows = new MemoryRows(pixels.Memory, width, height, orientation: default);
            var geometry = ImageGeometry.Of(new(), rows, "picture");
            var (first, second) = Best(
                () => ImageTransform.Apply(rows, geometry, Resampling.Bicubic, workspace),
                () => ScalarResampler.Resize(
                    new ReadOnlySpan<byte>(pixels.Memory, width * height * PillowResampler.PixelBytes), width,
                    Plan(geometry.Vertical), Plan(geometry.Horizontal)));
            vectorised += first;
            scalar += second;
        }
        output.WriteLine(
            $"resize and crop, one core: scalar {scalar / files.Count:F2} ms a picture, "
            + $"vectorised {vectorised / files.Count:F2} ms: {scalar / vectorised:F1} x faster (at least 4 x)");

        static ResampleAxis Plan(AxisGeometry axis) => ResampleAxis.Create(
            axis.SourceSize, axis.ResizedSize, Resampling.Bicubic, axis.VisibleStart, axis.VisibleSize, mirrored: false);
    }

    private static void CompareWithOneCore(List<byte[]> files, TextWriter output)
    {
        var processor = new CLIPImageProcessor();
        var sources = Enumerable.Repeat(files, Effort.Of(8, quick: 1)).SelectMany(round => round).Select(file => ImageSource.FromBytes(file)).ToList();
        var (one, all) = Best(
            () => processor.Process(sources, new() { MaxDegreeOfParallelism = 1 }).Dispose(),
            () => processor.Process(sources).Dispose());
        var speedUp = one / all;
        output.WriteLine(
            $"a batch of {sources.Count}: one core {sources.Count / one * 1000:F0} pictures a second, "
            + $"{Environment.ProcessorCount} cores {sources.Count / all * 1000:F0}: {speedUp / Environment.ProcessorCount:F2} a core (at least 0.8)");
    }

    private static void MeasureMemory(TextWriter output)
    {
        var edge = Effort.Of(10_000, quick: 1000);
        var decoded = 3.0 * edge * edge;
        var processor = new CLIPImageProcessor();
        var file = ImageSource.FromBytes(LargeJpeg(edge));
        GC.Collect();
        var peak = PeakWhile(() => processor.Process(file).Dispose());
        output.WriteLine(
            $"a JPEG of {edge} x {edge} pixels: {peak / 1e6:F0} MB more while it is processed: "
            + $"{peak / decoded:F2} x its decoded {decoded / 1e6:F0} MB (at most 3 x)");
    }

    private static (int Width, int Height) Decode(byte[] file, NativeBuffer pixels)
    {
        fixed (byte* bytes = file)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var codec = SKCodec.Create(data);
            var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
            codec.GetPixels(info, (nint)pixels.Reserve(info.BytesSize64));
            return (info.Width, info.Height);
        }
    }

    private static byte[] LargeJpeg(int edge)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(edge, edge, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint())
        {
            paint.Shader = SKShader.CreatePerlinNoiseTurbulence(0.01f, 0.01f, 4, 0);
            canvas.DrawPaint(paint);
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    // In turns, so that what else the machine does meanwhile befalls both.
    private static (double First, double Second) Best(Action first, Action second)
    {
        var (bestFirst, bestSecond) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < Rounds; i++)
        {
            bestFirst = Math.Min(bestFirst, Time(first));
            bestSecond = Math.Min(bestSecond, Time(second));
        }
        return (bestFirst, bestSecond);
    }

    private static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static long PeakWhile(Action action)
    {
        using var stop = new ManualResetEventSlim();
        var before = WorkingSet();
        var peak = before;
        var watch = new Thread(() =>
        {
            while (!stop.Wait(1))
                peak = Math.Max(peak, WorkingSet());
        });
        watch.Start();
        action();
        stop.Set();
        watch.Join();
        return peak - before;
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
