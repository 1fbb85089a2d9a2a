using System.Numerics.Tensors;
using AltClip.Search.DuckDB;
using AltClip.Tests;
using SkiaSharp;
using TorchSharp;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class DuplicateFinderTests(EmojiPipeline emoji) : IClassFixture<EmojiPipeline>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EqualFilesComeFirstThenThoseThatLookTheSame()
    {
        var pictures = Directory.CreateDirectory(_folder.File("pictures")).FullName;
        foreach (var name in new[] { "penguin", "pizza", "rocket" }) File.Copy(EmojiPipeline.Picture(name), Path.Combine(pictures, $"{name}.png"));
        Directory.CreateDirectory(Path.Combine(pictures, "copies"));
        foreach (var name in new[] { "copies/a.png", "copies/b.png" }) File.Copy(EmojiPipeline.Picture("penguin"), Path.Combine(pictures, name));
        SaveSmaller(EmojiPipeline.Picture("pizza"), Path.Combine(pictures, "pizza-small.jpg"));
        SaveSmaller(EmojiPipeline.Picture("penguin"), Path.Combine(pictures, "penguin-small.jpg"));
        // Of the same size as another, with other bytes.
        var odd = File.ReadAllBytes(EmojiPipeline.Picture("rocket"));
        File.WriteAllBytes(Path.Combine(pictures, "no-rocket.png"), [.. odd.Take(odd.Length - 1), (byte)(odd[^1] ^ 1)]);
        await using var store = await IndexAsync(pictures);

        var before = LiveTensors.Count();
        var report = await DuplicateFinder.FindAsync(store, new() { Similarity = 0.9 });
        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.Equal((8, 0), (report.Compared, report.Missing.Count));
        string[][] expected =
        [
            ["copies/a.png", "copies/b.png", "penguin.png"],
            ["no-rocket.png", "rocket.png"], ["copies/a.png", "penguin-small.jpg"], ["pizza.png", "pizza-small.jpg"],
        ];
        Assert.Equal(expected[0], Names(report.Groups[0]));
        Assert.Equal([true, false, false, false], report.Groups.Select(group => group.IsExact));
        Assert.Equal(expected.Skip(1).Order(Comparer<string[]>.Create((a, b) => string.CompareOrdinal(a[0], b[0]))),
            report.Groups.Skip(1).Select(Names).Order(Comparer<string[]>.Create((a, b) => string.CompareOrdinal(a[0], b[0]))));
        var spare = report.Groups.Skip(1).Select(group => group.Images.Skip(1).Sum(image => image.Size)).ToArray();
        Assert.Equal(spare.OrderDescending(), spare);
        Assert.All(report.Groups.SelectMany(group => group.Images), image => Assert.InRange(image.Similarity, 0.9f, 1.00001f));

        var exact = await DuplicateFinder.FindAsync(store, new() { Similarity = null, Includes = id => !id.EndsWith("b.png", StringComparison.Ordinal) });
        Assert.Equal(["copies/a.png", "penguin.png"], Names(Assert.Single(exact.Groups)));

        File.Delete(Path.Combine(pictures, "copies/a.png"));
        var missing = await DuplicateFinder.FindAsync(store, new() { Similarity = 0.9 });
        Assert.Equal(["copies/a.png"], missing.Missing.Select(id => Path.GetRelativePath(pictures, id)));
        Assert.Equal(["copies/b.png", "penguin.png"], Names(missing.Groups[0]));

        string[] Names(DuplicateGroup group) => [.. group.Images.Select(image => Path.GetRelativePath(pictures, image.Id))];
    }

    /// <summary>Or who deletes what is named would delete the only one.</summary>
    [Fact]
    public async Task ALinkIsNoCopy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links need rights on Windows, and the temporary folder is one on macOS.");
        var pictures = Directory.CreateDirectory(_folder.File("pictures")).FullName;
        File.Copy(EmojiPipeline.Picture("pizza"), Path.Combine(pictures, "m.png"));
        File.CreateSymbolicLink(Path.Combine(pictures, "a.png"), Path.Combine(pictures, "m.png"));
        File.CreateSymbolicLink(Path.Combine(pictures, "z.png"), Path.Combine(pictures, "a.png"));
        Directory.CreateSymbolicLink(_folder.File("linked"), pictures);
        Directory.CreateSymbolicLink(_folder.File("third"), ".");
        Directory.CreateSymbolicLink(_folder.File("other"), "third/pictures");
        File.CreateSymbolicLink(Path.Combine(pictures, "y.png"), "../other/m.png");
        await using var store = await IndexAsync(pictures);
        await new ImageIndexer(store, emoji.Pipeline).IndexAsync(_folder.File("linked"));
        Assert.Equal(8, await store.CountAsync());
        Assert.Empty((await DuplicateFinder.FindAsync(store, new() { Similarity = 0.9 })).Groups);
        File.Copy(EmojiPipeline.Picture("pizza"), Path.Combine(pictures, "copy.png"));
        await new ImageIndexer(store, emoji.Pipeline).IndexAsync(pictures);
        var group = Assert.Single((await DuplicateFinder.FindAsync(store)).Groups);
        Assert.Equal([Path.Combine(pictures, "copy.png"), Path.Combine(pictures, "m.png")], group.Images.Select(image => image.Id));
    }

    /// <summary>Against comparing each with each by hand, over more pictures than a block of the computation has.</summary>
    [Fact]
    public async Task GroupsAreThoseOfTheirFirstPicture()
    {
        var random = new Random(4);
        var centres = Enumerable.Range(0, 700).Select(_ => Vectors.Random(random, 16)).ToArray();
        var images = Enumerable.Range(0, 3000).Select(i =>
        {
            float[] vector = [.. centres[random.Next(centres.Length)]], noise = Vectors.Random(random, 16);
            for (var j = 0; j < vector.Length; j++) vector[j] += 0.15f * noise[j];
            return Vectors.Entry($"p{i:0000}", vector) with { Size = random.Next(1, 50) };
        }).ToArray();
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), new("m", 16));
        await store.UpsertAsync(images);
        foreach (var image in images) File.WriteAllBytes(_folder.File(image.Id), BitConverter.GetBytes(random.NextInt64()));

        var report = await DuplicateFinder.FindAsync(store, new() { Similarity = 0.97, FileOf = _folder.File });
        Assert.Equal((3000, 0), (report.Compared, report.Missing.Count));
        var expected = Expected(images, 0.97f);
        Assert.InRange(expected.Count, 300, 1000);
        Assert.Equal(
            expected.OrderBy(group => group[0], StringComparer.Ordinal),
            report.Groups.Select(group => group.Images.Select(image => image.Id).ToArray()).OrderBy(group => group[0], StringComparer.Ordinal));
        Assert.All(report.Groups, group => Assert.False(group.IsExact));
    }

    [Fact]
    public async Task NothingIsADuplicateOfNothing()
    {
        await using var store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), new("m", 2));
        Assert.Empty((await DuplicateFinder.FindAsync(store)).Groups);
        await store.UpsertAsync([Vectors.Entry(EmojiPipeline.Picture("pizza"), [1, 2])]);
        Assert.Equal(1, (await DuplicateFinder.FindAsync(store)).Compared);
        foreach (var bad in new[] { -0.1, 1.1, double.NaN }) Assert.Throws<ArgumentOutOfRangeException>(() => new DuplicateOptions { Similarity = bad });
    }

    private static List<string[]> Expected(ImageEntry[] images, float least)
    {
        var left = images.OrderByDescending(image => image.Size).ThenBy(image => image.Id, StringComparer.Ordinal).ToList();
        var groups = new List<string[]>();
        while (left.Count > 0)
        {
            var first = left[0];
            var found = left.Skip(1).Select(image => (image, Cosine: TensorPrimitives.CosineSimilarity(first.Embedding.Span, image.Embedding.Span)))
                .Where(other => other.Cosine >= least).OrderByDescending(other => other.Cosine).Select(other => other.image).ToArray();
            if (found.Length > 0) groups.Add([first.Id, .. found.Select(image => image.Id)]);
            left = [.. left.Skip(1).Except(found)];
        }
        return groups;
    }

    private async Task<IImageStore> IndexAsync(string pictures)
    {
        var store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), emoji.Model);
        var report = await new ImageIndexer(store, emoji.Pipeline).IndexAsync(pictures);
        Assert.Empty(report.Failures);
        return store;
    }

    private static void SaveSmaller(string picture, string target)
    {
        using var bitmap = SKBitmap.Decode(picture);
        using var smaller = bitmap.Resize(new SKImageInfo(bitmap.Width * 3 / 4, bitmap.Height * 3 / 4), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using var white = new SKBitmap(smaller.Width, smaller.Height);
        using var image = SKImage.FromBitmap(smaller);
        using (var canvas = new SKCanvas(white)) canvas.DrawImage(image, 0, 0, new SKSamplingOptions(SKFilterMode.Nearest));
        using var file = File.Create(target);
        white.Encode(file, SKEncodedImageFormat.Jpeg, 90);
    }
}
