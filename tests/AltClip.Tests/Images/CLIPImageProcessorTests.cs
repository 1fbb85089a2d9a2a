using AltClip.Imaging;
using TorchSharp;
using Xunit;

namespace AltClip.Tests;

public class CLIPImageProcessorTests : ImageTests
{
    private static readonly string[] Files = ["q75-420.jpg", "rgb.png", "palette.gif", "rgba.webp", "rgb.bmp", "exif-6.jpg", "size-1x300.png"];

    private readonly CLIPImageProcessor _processor = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void ABatchIsItsPicturesInOrder(int parallelism)
    {
        var sources = Sources();

        using var batch = Process(sources, new() { MaxDegreeOfParallelism = parallelism });

        Assert.Equal([sources.Count, 3, 224, 224], batch.PixelValues.shape);
        Assert.Equal(torch.float32, batch.PixelValues.dtype);
        Assert.Equal(Enumerable.Range(0, sources.Count), batch.Indices);
        Assert.Empty(batch.Skipped);
        for (var i = 0; i < sources.Count; i++)
        {
            using var alone = _processor.Process(sources[i]);
            using var row = batch.PixelValues[i];
            using var only = alone.PixelValues[0];
            Assert.True(row.bytes.SequenceEqual(only.bytes));
        }
    }

    [Fact]
    public void ABadPictureIsNamedAndNothingIsLeft()
    {
        using var folder = new TemporaryFolder();
        var bad = folder.Write("bad.jpg", [1, 2, 3]);
        var worse = folder.Write("worse.jpg", []);
        List<ImageSource> sources = [.. Sources(), ImageSource.FromFile(bad), .. Sources(), ImageSource.FromFile(worse)];

        var error = Assert.Throws<ImageException>(() => Process(sources));

        Assert.StartsWith(bad, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BadPicturesMayBeSkipped()
    {
        using var folder = new TemporaryFolder();
        var bad = folder.Write("bad.jpg", [1, 2, 3]);
        List<ImageSource> sources = [ImageSource.FromFile(bad), .. Sources(), ImageSource.FromFile(folder.File("none.jpg"))];

        using var batch = Process(sources, new() { OnError = ImageErrorHandling.Skip });
        using var expected = Process(Sources());

        Assert.Equal(Enumerable.Range(1, Files.Length), batch.Indices);
        Assert.True(batch.PixelValues.bytes.SequenceEqual(expected.PixelValues.bytes));
        Assert.Equal([(0, bad), (Files.Length + 1, folder.File("none.jpg"))], batch.Skipped.Select(image => (image.Index, image.Name)));
        Assert.IsType<ImageException>(batch.Skipped[0].Error);
        Assert.IsType<FileNotFoundException>(batch.Skipped[1].Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AllPicturesMayBeSkipped(bool crop)
    {
        var options = new ImageProcessingOptions { OnError = ImageErrorHandling.Skip, Config = new() { DoCenterCrop = crop } };

        using var batch = Process([ImageSource.FromBytes(default)], options);

        Assert.Equal(0, batch.PixelValues.shape[0]);
        Assert.Empty(batch.Indices);
        Assert.Single(batch.Skipped);
    }

    [Fact]
    public void PicturesOfDifferentSizesNeedACrop()
    {
        var options = new ImageProcessingOptions { Config = new() { DoCenterCrop = false } };
        List<ImageSource> sources = [Source("rgb.png"), Source("rgb.bmp"), Source("rgba.webp")];

        var error = Assert.Throws<ImageException>(() => Process(sources, options));
        using var rest = Process(sources, options with { OnError = ImageErrorHandling.Skip });

        Assert.Contains("rgba.webp comes out at 224 x 306 pixels, others of the batch at 289 x 224", error.Message, StringComparison.Ordinal);
        Assert.Equal([0, 1], rest.Indices);
    }

    [Fact]
    public async Task APictureHasTheSizeThatItsFileHadWhenItWasRead()
    {
        using var folder = new TemporaryFolder();
        byte[][] pictures = [TestPictures.Jpeg(20, 10), TestPictures.Jpeg(10, 30)];
        var path = folder.Write("a.jpg", pictures[0]);

        var sizes = await ReplacedFile.WhileReplacedAsync(path, pictures, 300, () =>
        {
            using var batch = new CLIPImageProcessor(TestPictures.Untouched).Process(ImageSource.FromFile(path));
            return Task.FromResult<IEnumerable<(long, long)>>([(batch.PixelValues.shape[3], batch.PixelValues.shape[2])]);
        });
        Assert.All(sizes, size => Assert.Contains(size, new[] { (20L, 10L), (10L, 30L) }));
    }

    [Fact]
    public void EmptyBatchesAndNullsAreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => Process(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Process(Sources(), new() { MaxDegreeOfParallelism = 0 }));
        Refused("There are no pictures", []);
        Refused("The picture at index 1 is null", [Source("rgb.png"), null!]);
        Refused("image_std", Sources(), new() { ImageStd = [1] });
        Refused("more than the limit of ", Sources(), new() { CropSize = ImageSize.Exactly(100_000, 100_000) });

        void Refused(string reason, List<ImageSource> images, CLIPImageProcessorConfig? config = null)
        {
            var error = Assert.Throws<ArgumentException>(() => Process(images, new() { Config = config }));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ProgressCountsPictures()
    {
        var counts = new List<int>();

        Process(Sources(), progress: new Progress(counts.Add)).Dispose();

        Assert.Equal(Enumerable.Range(1, Files.Length), counts);
    }

    [Fact]
    public void CancellingLeavesNothing()
    {
        using var stop = new CancellationTokenSource();
        var done = 0;
        var sources = Enumerable.Repeat(Sources(), 20).SelectMany(round => round).ToList();

        Assert.ThrowsAny<OperationCanceledException>(() => _processor.Process(sources, progress: new Progress(count =>
        {
            done = count;
            stop.Cancel();
        }), cancellationToken: stop.Token));

        Assert.InRange(done, 1, sources.Count - 1);
        Assert.ThrowsAny<OperationCanceledException>(() => _processor.Process(sources, cancellationToken: stop.Token));
    }

    [Fact]
    public void AnErrorInProgressIsTheCallers()
    {
        var progress = new Progress(_ => throw new FormatException("mine"));

        var error = Assert.Throws<FormatException>(() => Process(Sources(), progress: progress));

        Assert.Equal("mine", error.Message);
    }

    [Fact]
    public void TheTypeMayBeChosen()
    {
        using var half = _processor.Process(Source("rgb.png"), new() { Dtype = torch.bfloat16 });
        using var full = _processor.Process(Source("rgb.png"), new() { Dtype = torch.float32, Device = torch.CPU });
        using var bytes = _processor.Process(Source("rgb.png"), new() { Config = TestPictures.Untouched });

        Assert.Equal(torch.bfloat16, half.PixelValues.dtype);
        Assert.Equal(torch.float32, full.PixelValues.dtype);
        Assert.Equal(torch.uint8, bytes.PixelValues.dtype);
    }

    [Fact]
    public void AResultBelongsToTheScopeOfItsCaller()
    {
        var before = torch.Tensor.TotalCount;
        List<ImageSource> sources = [ImageSource.FromBytes(default), Source("rgb.png")];
        using (torch.NewDisposeScope())
        {
            Process(sources, new() { OnError = ImageErrorHandling.Skip, Dtype = torch.float16 });
            Assert.Equal(before + 1, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Theory]
    [InlineData("size-1x1.png")]
    [InlineData("size-1x300.png")]
    [InlineData("size-300x1.png")]
    public void NarrowPicturesComeOutWithoutCropping(string file)
    {
        using var batch = _processor.Process(Source(file), new() { Config = new() { DoCenterCrop = false, Size = ImageSize.Shortest(10) } });

        long[] expected = file switch { "size-1x1.png" => [10, 10], "size-1x300.png" => [3000, 10], _ => [10, 3000] };
        Assert.Equal(expected, batch.PixelValues.shape[2..]);
    }

    [Fact]
    public void AnAbsurdlyNarrowPictureIsRefused()
    {
        var source = ImageSource.FromPixels(new byte[3000], 1, 3000, PixelFormat.Gray8, name: "line");
        var options = new ImageProcessingOptions { Config = new() { Size = ImageSize.Shortest(1_000_000) } };

        var error = Assert.Throws<ImageException>(() => _processor.Process(source, options));

        Assert.StartsWith("line, of 1 x 3000 pixels", error.Message, StringComparison.Ordinal);
    }

    private ImageBatch Process(IReadOnlyList<ImageSource> images, ImageProcessingOptions? options = null, IProgress<int>? progress = null) =>
        _processor.Process(images, options, progress, TestContext.Current.CancellationToken);

    private static ImageSource Source(string file) => ImageSource.FromFile(TestPictures.Reference(file));

    private static List<ImageSource> Sources() => [.. Files.Select(Source)];

    private sealed class Progress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
