using AltClip.Search.DuckDB;
using AltClip.Tests;
using TorchSharp;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class ImageIndexerTests(EmojiPipeline emoji) : IClassFixture<EmojiPipeline>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _storeFolder = new();
    private IImageStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await DuckDBImageStore.OpenAsync(_storeFolder.File("store.duckdb"), emoji.Model);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
        _storeFolder.Dispose();
    }

    [Fact]
    public async Task PicturesAreFoundHoweverDeepAndOthersPassedOver()
    {
        Copy("penguin", "a.png");
        Copy("pizza", "deep/er/b.PNG");
        Copy("guitar", ".hidden/c.png");
        _folder.Write("notes.txt", [1, 2, 3]);
        AssertDone(await IndexAsync(), added: 2);
        Assert.Equal(["a.png", "deep/er/b.PNG"], await IdsAsync());
        var stored = (await _store.GetAsync("a.png"))!;
        var file = new FileInfo(_folder.File("a.png"));
        Assert.Equal(file.Length, stored.Size);
        Assert.Equal(file.LastWriteTimeUtc, stored.Modified.UtcDateTime, TimeSpan.FromMicroseconds(1));
        using var expected = emoji.Pipeline.EmbedImages([ImageSource.FromFile(file.FullName)]);
        Assert.Equal(expected.to(torch.float32).data<float>().ToArray(), stored.Embedding.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public async Task OnlyWhatChangedIsEmbeddedAgain()
    {
        Copy("penguin", "a.png");
        Copy("pizza", "b.png");
        Copy("guitar", "c.png");
        AssertDone(await IndexAsync(), added: 3);
        AssertDone(await IndexAsync(), unchanged: 3);

        Copy("rocket", "a.png");
        File.Delete(_folder.File("b.png"));
        Copy("volcano", "d.png");
        File.SetLastWriteTimeUtc(_folder.File("c.png"), DateTime.UtcNow.AddDays(-1));
        var progress = new Seen();
        AssertDone(await IndexAsync(progress: progress), added: 1, updated: 2, removed: 1);
        Assert.Equal([(1, 3), (2, 3), (3, 3)], progress.Reports.Select(report => (report.Done, report.Total)));
        Assert.Equal(["a.png", "c.png", "d.png"], await IdsAsync());
        Assert.Equal("a.png", (await new ImageSearcher(_store, emoji.Pipeline).SearchAsync("a rocket", 1))[0].Image.Id);
    }

    [Fact]
    public async Task ABadPictureIsReportedAndTheOthersAreDone()
    {
        Copy("penguin", "a.png");
        Copy("pizza", "b.png");
        await IndexAsync();
        _folder.Write("b.png", "not a picture"u8.ToArray());
        Copy("guitar", "c.png");
        File.CreateSymbolicLink(_folder.File("d.png"), _folder.File("nowhere.png"));
        var progress = new Seen();
        var report = await IndexAsync(progress: progress);
        AssertDone(report, added: 1, unchanged: 1, failed: 2);
        Assert.Equal(["b.png", "d.png"], report.Failures.Select(failure => failure.Id));
        Assert.Contains("b.png", report.Failures[0].Error.Message);
        Assert.Equal(report.Failures, progress.Reports.Select(step => step.Failure).OfType<ImageFailure>());
        // What b.png was before is not what it is.
        Assert.Equal(["a.png", "c.png"], await IdsAsync());

        Copy("pizza", "b.png");
        AssertDone(await IndexAsync(), added: 1, unchanged: 2, failed: 1);
    }

    [Fact]
    public async Task ACancelledRunKeepsWhatItDidAndGoesOnFromThere()
    {
        string[] names = ["cactus", "dog-face", "guitar", "penguin", "pizza", "red-apple", "rocket", "volcano"];
        foreach (var name in names) Copy(name, $"{name}.png");
        var before = LiveTensors.Count();
        using var stop = new CancellationTokenSource();
        var progress = new Seen(report =>
        {
            if (report.Done == 3) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IndexAsync(progress: progress, stop: stop.Token));
        Assert.Equal(before, torch.Tensor.TotalCount);
        var done = await IdsAsync();
        Assert.InRange(done.Length, 3, 7);
        Assert.Equal(names.Take(done.Length).Select(name => $"{name}.png"), done);

        AssertDone(await IndexAsync(), added: 8 - done.Length, unchanged: done.Length);
        Assert.Equal(8, await _store.CountAsync());
    }

    [Fact]
    public async Task FoldersDontDisturbEachOther()
    {
        Copy("penguin", "first/a.png");
        Copy("rocket", "first/b.png");
        Copy("pizza", "first-not/a.png");
        var indexer = new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.Path });
        AssertDone(await indexer.IndexAsync(_folder.File("first")), added: 2);
        AssertDone(await indexer.IndexAsync(_folder.File("first-not")), added: 1);
        File.Delete(_folder.File("first/a.png"));
        AssertDone(await indexer.IndexAsync(_folder.File("first")), unchanged: 1, removed: 1);
        Assert.Equal(["first-not/a.png", "first/b.png"], await IdsAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => indexer.IndexAsync(EmojiPipeline.PictureFolder));
    }

    [Fact]
    public async Task AFolderWithRelativeIdsLeavesThoseWithFullPaths()
    {
        Copy("penguin", "a.png");
        Assert.Equal(1, (await new ImageIndexer(_store, emoji.Pipeline).IndexAsync(_folder.Path)).Added);
        AssertDone(await IndexAsync(), added: 1);
        Assert.Equal(2, await _store.CountAsync());
    }

    [Fact]
    public async Task WithoutABaseIdsAreFullPaths()
    {
        Copy("penguin", "a.png");
        await new ImageIndexer(_store, emoji.Pipeline).IndexAsync(_folder.Path + Path.DirectorySeparatorChar);
        Assert.Equal([_folder.File("a.png").Replace('\\', '/')], await IdsAsync());
    }

    [Fact]
    public async Task AFolderThatBecameEmptyChangesNothingUnlessThatIsAllowed()
    {
        AssertDone(await IndexAsync());
        Copy("penguin", "a.png");
        Copy("pizza", "b.png");
        await IndexAsync();
        File.Delete(_folder.File("a.png"));
        File.Delete(_folder.File("b.png"));
        _folder.Write("notes.txt", [1]);
        var error = await Assert.ThrowsAsync<EmptyFolderException>(() => IndexAsync());
        Assert.Equal((_folder.Path, 2), (error.Folder, error.Stored));
        Assert.Equal(2, await _store.CountAsync());
        var allowing = new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.Path, AllowEmpty = true });
        AssertDone(await allowing.IndexAsync(_folder.Path), removed: 2);
        AssertDone(await IndexAsync());
    }

    [Fact]
    public async Task FoldersThatCantBeReadChangeNothing()
    {
        Copy("penguin", "a.png");
        await IndexAsync();
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => new ImageIndexer(_store, emoji.Pipeline).IndexAsync(_folder.File("none")));
        Assert.Equal(1, await _store.CountAsync());
    }

    [Fact]
    public async Task LinksToFilesAreFollowedAndLoopsOfFoldersAreNot()
    {
        Copy("penguin", "real/a.png");
        File.CreateSymbolicLink(_folder.File("b.png"), _folder.File("real/a.png"));
        Directory.CreateSymbolicLink(_folder.File("real/loop"), _folder.Path);
        AssertDone(await IndexAsync(), added: 2);
        Assert.Equal(["b.png", "real/a.png"], await IdsAsync());
        Assert.Equal(new FileInfo(_folder.File("real/a.png")).Length, (await _store.GetAsync("b.png"))!.Size);
    }

    [Fact]
    public async Task FoldersAreReadAsEverywhere()
    {
        using var elsewhere = new TemporaryFolder();
        File.Copy(EmojiPipeline.Picture("pizza"), elsewhere.File("p.png"));
        Copy("penguin", "penguin");
        Copy("rocket", "b.jfif");
        Copy("guitar", "._b.png");
        Directory.CreateSymbolicLink(_folder.File("link1"), elsewhere.Path);
        Directory.CreateSymbolicLink(_folder.File("link2"), elsewhere.Path);
        AssertDone(await IndexAsync(), added: 3);
        Assert.Equal(["b.jfif", "link1/p.png", "penguin"], await IdsAsync());
        var own = new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.Path, Extensions = [".JFIF"] });
        AssertDone(await own.IndexAsync(_folder.Path), unchanged: 1, removed: 2);
    }

    [Fact]
    public async Task AModelOfOtherDimensionsIsRefused()
    {
        await using var other = await DuckDBImageStore.OpenAsync(_storeFolder.File("other.duckdb"), new("altclip-emoji", 5));
        Assert.Throws<ModelMismatchException>(() => new ImageIndexer(other, emoji.Pipeline));
        Assert.Throws<ModelMismatchException>(() => new ImageSearcher(other, emoji.Pipeline));
    }

    private Task<ImageIndexReport> IndexAsync(IProgress<ImageIndexProgress>? progress = null, CancellationToken stop = default) =>
        new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.Path }).IndexAsync(_folder.Path, progress, stop);

    private void Copy(string emojiName, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.Copy(EmojiPipeline.Picture(emojiName), _folder.File(name), overwrite: true);
    }

    private async Task<string[]> IdsAsync() =>
        [.. (await _store.ListAsync().ToListAsync()).Select(image => image.Id).Order(StringComparer.Ordinal)];

    private static void AssertDone(ImageIndexReport report, int added = 0, int updated = 0, int unchanged = 0, int removed = 0, int failed = 0) =>
        Assert.Equal((added, updated, unchanged, removed, failed), (report.Added, report.Updated, report.Unchanged, report.Removed, report.Failures.Count));

    /// <summary>Progress as it is reported, on the reporting thread.</summary>
    private sealed class Seen(Action<ImageIndexProgress>? also = null) : IProgress<ImageIndexProgress>
    {
        public List<ImageIndexProgress> Reports { get; } = [];

        public void Report(ImageIndexProgress value)
        {
            Reports.Add(value);
            also?.Invoke(value);
        }
    }
}
