using System.Formats.Tar;
using System.Text;
using AltClip.Imaging;
using AltClip.Tests;
using AltClip.Training.Augmentation;
using AltClip.Training.Data;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class ImageTextLoaderTests
{
    private static readonly AltCLIPProcessor Processor = AltCLIPProcessor.FromPretrained(TestData.Path("e2e"));

    private static readonly AltCLIPProcessorOptions Small = new()
    {
        Text = new() { Padding = PaddingStrategy.Longest },
        Images = new() { Config = new() { Size = ImageSize.Shortest(32), CropSize = ImageSize.Exactly(32, 32) } },
    };

    private static readonly IImageAugmentation Augmentation = new Compose(new RandomResizedCrop(40), new ColorJitter { Hue = 0.2 });

    private static BatchLoaderOptions Options => new() { BatchSize = 3, Seed = 5 };

    [Fact]
    public void PicturesAreAugmentedAndCaptionsChosenTheSameWayHoweverManyThreads() => LiveTensors.AssertUnchanged(() =>
    {
        using var one = BatchLoader.ImageText(Examples(7), Processor, Options, Augmentation, Small);
        using var three = BatchLoader.ImageText(Examples(7).Where(_ => true), Processor, Options with { Workers = 3, Shuffle = false }, Augmentation, Small);
        using var again = BatchLoader.ImageText(Examples(7), Processor, Options with { Workers = 3 }, Augmentation, Small);
        var differs = false;
        for (var n = 0; n < 4; n++)
        {
            using var expected = one.Get(n);
            using var actual = again.Get(n);
            using var other = three.Get(n);
            Assert.Equal(expected.Captions, actual.Captions);
            Assert.Equal(expected.Indices, actual.Indices);
            Assert.True(expected.Inputs.PixelValues!.bytes.SequenceEqual(actual.Inputs.PixelValues!.bytes));
            Assert.True(expected.Inputs.InputIds!.bytes.SequenceEqual(actual.Inputs.InputIds!.bytes));
            differs |= !expected.Indices.SequenceEqual(other.Indices);
        }
        Assert.True(differs);
    });

    [Fact]
    public void ABatchIsWhatTheProcessorMakesOfItsRows() => LiveTensors.AssertUnchanged(() =>
    {
        var examples = Examples(7);
        using var loader = BatchLoader.ImageText(examples, Processor, Options, processing: Small);
        using var batch = loader.Get(1);
        Assert.All(batch.Captions.Zip(batch.Indices), pair => Assert.Contains(pair.First, examples[(int)pair.Second].Captions));
        using var expected = Processor.Process([.. batch.Captions], [.. batch.Indices.Select(i => examples[(int)i].Image)], Small);
        Assert.True(expected.PixelValues!.bytes.SequenceEqual(batch.Inputs.PixelValues!.bytes));
        Assert.True(expected.InputIds!.bytes.SequenceEqual(batch.Inputs.InputIds!.bytes));
        Assert.True(expected.AttentionMask!.bytes.SequenceEqual(batch.Inputs.AttentionMask!.bytes));
    });

    [Fact]
    public void AllCaptionsAreChosenInTime()
    {
        using var loader = BatchLoader.ImageText(Examples(3), Processor, Options, processing: Small);
        var seen = new HashSet<string>();
        for (var n = 0; n < 20; n++)
        {
            using var batch = loader.Get(n);
            seen.UnionWith(batch.Captions);
        }
        Assert.Equal(6, seen.Count);
    }

    /// <summary>A run goes on with the captions that an earlier version of the library would have chosen.</summary>
    [Fact]
    public void CaptionsStayWhatTheyWereAndDoNotFollowFromWhatHappensToThePictures()
    {
        var pictures = new FirstDraws();
        using var loader = BatchLoader.ImageText(Examples(24), Processor, Options with { BatchSize = 24, Shuffle = false }, pictures, Small);
        using var batch = loader.Get(0);
        var captions = string.Concat(batch.Captions.Select(caption => caption.StartsWith("picture", StringComparison.Ordinal) ? '0' : '1'));
        Assert.Equal("010011100100000111011011", captions);
        Assert.Equal(24, pictures.Drawn.Length);
        Assert.NotEqual(pictures.Drawn, captions);
    }

    [Fact]
    public void ABrokenPictureThrowsOrIsLeftOutAndReported() => LiveTensors.AssertUnchanged(() =>
    {
        var examples = Examples(6);
        examples[4] = new CaptionedImage(ImageSource.FromBytes(new byte[30], "broken.jpg"), ["x"]);
        var inOrder = Options with { Shuffle = false };
        using (var strict = BatchLoader.ImageText(examples, Processor, inOrder, Augmentation, Small))
        {
            strict.Get(0).Dispose();
            Assert.Contains("broken.jpg", Assert.Throws<ImageException>(() => strict.Get(1)).Message);
        }
        var skip = Small with { Images = Small.Images with { OnError = ImageErrorHandling.Skip } };
        using var loader = BatchLoader.ImageText(examples, Processor, inOrder, Augmentation, skip);
        using (var batch = loader.Get(1))
        {
            Assert.Equal([3, 5], batch.Indices);
            Assert.Equal([2, 3, 32, 32], batch.Inputs.PixelValues!.shape);
            Assert.Equal(2, batch.Inputs.InputIds!.shape[0]);
            Assert.Equal((1, "broken.jpg"), (batch.Inputs.SkippedImages[0].Index, batch.Inputs.SkippedImages[0].Name));
        }
        using var none = BatchLoader.ImageText(Enumerable.Repeat(examples[4], 3).ToList(), Processor, inOrder, null, skip);
        Assert.Contains("None of the 3 pictures of batch 0", Assert.Throws<ImageException>(() => none.Get(0)).Message);
    });

    [Fact]
    public void TarShardsGoOnInTheMiddle()
    {
        using var folder = new TemporaryFolder();
        for (var shard = 0; shard < 3; shard++)
        {
            using var tar = new TarWriter(File.Create(folder.File($"{shard}.tar")), TarEntryFormat.Pax);
            for (var i = 0; i < 5; i++)
            {
                var key = $"{shard}-{i}";
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, key + ".jpg") { DataStream = new MemoryStream(TestPictures.Jpeg(30 + i, 40 + shard)) });
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, key + ".txt") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes("图片 " + key)) });
            }
        }
        var set = WebDataset.Open(folder.File("{0..2}.tar"));
        using var whole = BatchLoader.ImageText(set, Processor, Options with { ShuffleBuffer = 6 }, Augmentation, Small);
        for (var n = 0; n < 7; n++) whole.Get(n).Dispose();
        using var expected = whole.Get(7);
        using var loader = BatchLoader.ImageText(set, Processor, Options with { ShuffleBuffer = 6, Workers = 2 }, Augmentation, Small);
        using var resumed = loader.Get(7);
        Assert.Equal(expected.Captions, resumed.Captions);
        Assert.All(resumed.Captions.Zip(resumed.Indices), pair => Assert.Equal($"图片 {pair.Second / 5}-{pair.Second % 5}", pair.First));
        Assert.True(expected.Inputs.PixelValues!.bytes.SequenceEqual(resumed.Inputs.PixelValues!.bytes));
    }

    [Fact]
    public void AStoppedLoaderLeavesNoTensors() => LiveTensors.AssertUnchanged(() =>
    {
        using var loader = BatchLoader.ImageText(Examples(9), Processor, Options with { Workers = 2, Prefetch = 4 }, Augmentation, Small);
        loader.Get(0).Dispose();
        loader.Get(7).Dispose();
    });

    [Fact]
    public void ParallelTextsComeWithTheirTeachersTexts() => LiveTensors.AssertUnchanged(() =>
    {
        ParallelText[] texts = [new("cat", "猫"), new("dog", "chien"), new("bird", "a bird"), new("x", "y")];
        using var loader = BatchLoader.ParallelText(texts, Processor, Options);
        using var batch = loader.Get(0);
        Assert.Equal(batch.Indices.Select(i => texts[i]), batch.Texts);
        using var expected = Processor.Process([.. batch.Texts.Select(text => text.Target)]);
        Assert.True(expected.InputIds!.bytes.SequenceEqual(batch.Inputs.InputIds!.bytes));
    });

    [Fact]
    public void TrainingFromALoaderGoesOnBitForBit()
    {
        manual_seed(1);
        using var folder = new TemporaryFolder();
        float[] Train(int steps, bool resume, string file)
        {
            manual_seed(1);
            using var model = nn.Linear(3 * 32 * 32, 1);
            using var loader = BatchLoader.ImageText(Examples(7), Processor, Options, Augmentation, Small);
            using var trainer = new Trainer(model, n =>
            {
                using var batch = loader.Get(n);
                return model.forward(batch.Inputs.PixelValues!.flatten(1)).square().mean();
            }, new() { Steps = 6, CheckpointEvery = 3, CheckpointFile = folder.File(file) });
            if (resume) Assert.True(trainer.Resume());
            using var stop = new CancellationTokenSource();
            try
            {
                trainer.Run(new StopAfter(steps, stop), stop.Token);
            }
            catch (OperationCanceledException)
            {
            }
            using var scope = NewDisposeScope();
            return [.. model.weight!.detach().flatten().data<float>()];
        }
        var whole = Train(6, resume: false, "whole.safetensors");
        Assert.NotEqual(whole, Train(4, resume: false, "part.safetensors"));
        Assert.Equal(whole, Train(6, resume: true, "part.safetensors"));
    }

    private static List<CaptionedImage> Examples(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new CaptionedImage(
            ImageSource.FromPixels(TestPictures.Noise(50 * 48 * 3, seed: i), 50, 48, PixelFormat.Rgb24, name: $"picture {i}"), [$"picture {i}", $"图片 {i}"])),
    ];

    /// <summary>Changes nothing, and notes what a choice between two would have been for each picture; of one batch.</summary>
    private sealed class FirstDraws : IImageAugmentation
    {
        public string Drawn { get; private set; } = "";

        public RgbImage Apply(RgbImage image, Random random)
        {
            lock (this)
            {
                if (Drawn.Length < 24) Drawn += random.Next(2);
            }
            return image;
        }
    }

    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == steps) stop.Cancel();
        }
    }
}
