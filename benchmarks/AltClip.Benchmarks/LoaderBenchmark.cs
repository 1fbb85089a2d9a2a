using System.Diagnostics;
using AltClip.Imaging;
using AltClip.Training.Augmentation;
using AltClip.Training.Data;
using AltClip.Training.Optimization;
using SkiaSharp;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>How many examples a second the data loader makes, and what it costs a training step beside it.</summary>
internal static class LoaderBenchmark
{
    private static readonly int BatchSize = Effort.Of(64, quick: 4);
    private static readonly int Steps = Effort.Of(20, quick: 1);
    private static readonly int LeastBatches = Effort.Of(5, quick: 1);
    private static readonly int LeastSeconds = Effort.Of(3, quick: 0);

    private static readonly IImageAugmentation Augmentation = new Compose(
        new RandomResizedCrop(64) { Scale = (0.5, 1) }, new RandomHorizontalFlip(),
        new RandomApply(0.8, new ColorJitter { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }), new RandomGrayscale(0.2),
        new RandomApply(0.5, new GaussianBlur(7)),
        new RandomAffine { Degrees = (-11, 11), Translate = (0.15, 0.15), Scale = (0.75, 1.25), Interpolation = Resampling.Bilinear, Fill = null },
        new RandomApply(0.5, new Jpeg(50, 95)));

    /// <summary>Runs everything over a photo's crops and the end-to-end checkpoint's tokenizer.</summary>
    internal static void Run(List<byte[]> photos, string checkpoint, TextWriter output)
    {
        var processor = AltCLIPProcessor.FromPretrained(checkpoint);
        var processing = new AltCLIPProcessorOptions
        {
            Text = new() { Padding = PaddingStrategy.MaxLength, Truncation = TruncationStrategy.LongestFirst, MaxLength = 16 },
            Images = new() { Config = processor.ImageProcessor.Config with { Size = ImageSize.Shortest(64), CropSize = ImageSize.Exactly(64, 64) } },
        };
        var small = photos.SelectMany(photo => Crops(photo, Effort.Of(52, quick: 1))).Select(Example).ToList();
        var large = Enumerable.Range(0, 8 * BatchSize).Select(i => Example(photos[i % photos.Count])).ToList();
        foreach (var (name, examples) in new[] { ("64 x 64 PNG", small), ("JPEG photos 500 pixels high", large) })
        {
            foreach (var workers in new[] { 1, 2 })
            {
                using var loader = BatchLoader.ImageText(
                    examples, processor, new() { BatchSize = BatchSize, Workers = workers, Prefetch = workers + 1 }, Augmentation, processing);
                output.WriteLine($"loader, {name}, {workers} worker(s): {BatchSize / Seconds(n => loader.Get(n).Dispose()):F0} examples a second");
            }
        }
        TrainBeside(small, processor, processing, output);
    }

    private static void TrainBeside(
        List<CaptionedImage> examples, AltCLIPProcessor processor, AltCLIPProcessorOptions processing, TextWriter output)
    {
        using var model = new AltCLIPModel(new AltCLIPConfig
        {
            ProjectionDim = 192,
            TextConfig = new()
            {
                VocabSize = processor.Tokenizer.TotalVocabSize,
                HiddenSize = 192,
                NumHiddenLayers = 4,
                NumAttentionHeads = 3,
                IntermediateSize = 768,
                ProjectDim = 192,
            },
            VisionConfig = new() { HiddenSize = 192, NumHiddenLayers = 6, NumAttentionHeads = 3, IntermediateSize = 768, ImageSize = 64, PatchSize = 8 },
        });
        model.train();
        // 48 million numbers of XLM-R's vocabulary, which a model of this size wouldn't have.
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = !name.Contains("word_embeddings");
        using var optimizer = optim.AdamW(ParameterGroups.ForAdamW(model, 0.2), 1e-4);
        using var loader = BatchLoader.ImageText(examples, processor, new() { BatchSize = BatchSize }, Augmentation, processing);
        // Not one and the same batch: torch is faster on numbers that it has just had.
        var made = Enumerable.Range(0, Steps).Select(n => loader.Get(n)).ToList();
        void Step(ImageTextBatch batch)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            model.forward(batch.Inputs, return_loss: true).Loss!.backward();
            optimizer.step();
        }
        // In turns; the loader makes its next batch during the step on the one it has just given.
        var (before, beside) = (new List<double>(), new List<double>());
        for (var n = 0; n < Steps; n++)
        {
            before.Add(Time(() => Step(made[n])));
            beside.Add(Time(() =>
            {
                using var batch = loader.Get(n);
                Step(batch);
            }));
        }
        made.ForEach(batch => batch.Dispose());
        var (alone, together) = (Median(before), Median(beside));
        output.WriteLine(
            $"a training step of {BatchSize} (6 + 4 layers of 192, 64 x 64), medians: {alone * 1000:F0} ms on batches made before, "
            + $"{together * 1000:F0} ms on the loader's as they come: {together / alone:F2} x, {BatchSize / together:F0} examples a second");
    }

    private static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static double Seconds(Action<long> action)
    {
        for (var n = 0L; n < 2; n++) action(n);
        var (start, count) = (Stopwatch.GetTimestamp(), 0);
        do action(2 + count); while (++count < LeastBatches || Stopwatch.GetElapsedTime(start).TotalSeconds < LeastSeconds);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / count;
    }

    private static CaptionedImage Example(byte[] file, int index = 0) => new(ImageSource.FromBytes(file), [$"a picture, number {index}", $"图片 {index}"]);

    private static IEnumerable<byte[]> Crops(byte[] photo, int count)
    {
        var decoded = RgbImage.Decode(ImageSource.FromBytes(photo));
        return Enumerable.Range(0, count).Select(i => DataBenchmark.Encoded(
            new RandomResizedCrop(64).Apply(decoded, new SeededRandom(i)), SKEncodedImageFormat.Png));
    }
}
