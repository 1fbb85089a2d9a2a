using AltClip.Search.DuckDB;
using AltClip.Tests;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class IndexedFoldersTests(EmojiPipeline emoji) : IClassFixture<EmojiPipeline>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IImageStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await DuckDBImageStore.OpenAsync(_folder.File("store.duckdb"), emoji.Model);
        foreach (var (name, to) in new[]
        {
            ("penguin", "one/a.png"), ("pizza", "one/raw/b.png"), ("rocket", "one/thumbs/c.thumb.png"), ("guitar", "one/.hidden/d.png"),
            ("volcano", "two/e.png"), ("cactus", "two/deep/raw/f.png"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(to))!);
            File.Copy(EmojiPipeline.Picture(name), _folder.File(to));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("a.png b.png c.thumb.png")]
    [InlineData("a.png c.thumb.png", "raw")]
    [InlineData("a.png c.thumb.png", "raw/")]
    [InlineData("a.png c.thumb.png", "/raw")]
    [InlineData("a.png c.thumb.png", "./raw")]
    [InlineData("a.png", "*.thumb.*", "r?w")]
    [InlineData("a.png c.thumb.png", "raw/*.png")]
    [InlineData("a.png", "**/?.thumb.png", "r*/b*")]
    [InlineData("a.png b.png c.thumb.png", "A.png", "aw", "one", "one/raw", "*/a.png", "thumb", "b")]
    [InlineData("", "**")]
    public async Task PatternsLeaveFilesAndFoldersOut(string left, params string[] exclude)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && exclude.Contains("A.png"), "There, capitals are the same.");
        await new ImageIndexer(_store, emoji.Pipeline, new() { Exclude = exclude }).IndexAsync(_folder.File("one"));
        Assert.Equal(left, string.Join(' ', await NamesAsync()));
    }

    [Fact]
    public async Task HiddenFilesCountWhereTheyAreAskedFor()
    {
        await new ImageIndexer(_store, emoji.Pipeline, new() { IncludeHidden = true }).IndexAsync(_folder.File("one"));
        Assert.Equal(["a.png", "b.png", "c.thumb.png", "d.png"], await NamesAsync());
        Assert.Throws<ArgumentException>(() => new ImageIndexer(_store, emoji.Pipeline, new() { Exclude = ["./"] }));
    }

    [Fact]
    public async Task AStoreRemembersItsFoldersAndHowTheyWereIndexed()
    {
        await new ImageIndexer(_store, emoji.Pipeline, new() { Exclude = ["raw", "*.thumb.*"], IncludeHidden = true }).IndexAsync(_folder.File("one"));
        await new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.Path }).IndexAsync(_folder.File("two"));
        var folders = await _store.ListFoldersAsync();
        Assert.Equal([_folder.File("one"), _folder.File("two")], folders.Select(folder => folder.Path));
        Assert.Equal((true, null), (folders[0].IncludeHidden, folders[0].RelativeTo));
        Assert.Equal(["raw", "*.thumb.*"], folders[0].Exclude);
        Assert.Equal((false, _folder.Path), (folders[1].IncludeHidden, folders[1].RelativeTo));
        Assert.True(folders[1].Owns("two/e.png"));
        Assert.False(folders[1].Owns("twofold/e.png"));
        foreach (var folder in folders)
            Assert.False((await ImageIndexer.FindChangesAsync(_store, folder.Path, folder.ToOptions())).Any);
        Assert.Equal(new ImageIndexChanges(2, 0, 1, 1), await ImageIndexer.FindChangesAsync(_store, _folder.File("one")));
    }

    [Fact]
    public async Task ChangesAreFoundAndNothingIsDone()
    {
        var one = _folder.File("one");
        await new ImageIndexer(_store, emoji.Pipeline).IndexAsync(one);
        File.Delete(Path.Combine(one, "a.png"));
        File.Copy(EmojiPipeline.Picture("cactus"), Path.Combine(one, "new.png"));
        File.SetLastWriteTimeUtc(Path.Combine(one, "raw/b.png"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(new ImageIndexChanges(1, 1, 1, 1), await ImageIndexer.FindChangesAsync(_store, one));
        Assert.Equal(["a.png", "b.png", "c.thumb.png"], await NamesAsync());
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => ImageIndexer.FindChangesAsync(_store, _folder.File("no")));
    }

    [Fact]
    public async Task AFolderIsPartOfTheOneAboveIt()
    {
        var indexer = new ImageIndexer(_store, emoji.Pipeline);
        await indexer.IndexAsync(_folder.File("one/raw"));
        await indexer.IndexAsync(_folder.File("one"));
        await indexer.IndexAsync(_folder.File("one/thumbs"));
        Assert.Equal([_folder.File("one")], (await _store.ListFoldersAsync()).Select(folder => folder.Path));
    }

    [Fact]
    public async Task AFolderIsTakenOutWithItsPictures()
    {
        var indexer = new ImageIndexer(_store, emoji.Pipeline);
        await indexer.IndexAsync(_folder.File("one"));
        await indexer.IndexAsync(_folder.File("two"));
        Assert.Equal(1, await _store.RemoveFolderAsync(_folder.File("two/deep")));
        Assert.Equal(0, await _store.RemoveFolderAsync(_folder.File("tw")));
        Directory.Delete(_folder.File("one"), recursive: true);
        Assert.Equal(3, await _store.RemoveFolderAsync(_folder.File("one")));
        Assert.Equal(["e.png"], await NamesAsync());
        Assert.Equal([_folder.File("two")], (await _store.ListFoldersAsync()).Select(folder => folder.Path));
        Assert.Equal(1, await _store.RemoveFolderAsync(_folder.Path));
        Assert.Empty(await _store.ListFoldersAsync());
    }

    [Fact]
    public async Task WhatIsGoneIsPruned()
    {
        await new ImageIndexer(_store, emoji.Pipeline).IndexAsync(_folder.File("one"));
        await new ImageIndexer(_store, emoji.Pipeline, new() { RelativeTo = _folder.File("two") }).IndexAsync(_folder.File("two"));
        await _store.UpsertAsync([Vectors.Entry("imported", Vectors.Random(new Random(1), 192)), Vectors.Entry(_folder.File("nowhere.png"), Vectors.Random(new Random(1), 192))]);
        Directory.Move(_folder.File("one"), _folder.File("moved"));
        File.Delete(_folder.File("two/e.png"));
        var (folders, removed) = await _store.PruneAsync();
        Assert.Equal([_folder.File("one")], folders.Select(folder => folder.Path));
        Assert.Equal(6, removed); // "imported" is what a picture of the folder "two" would be called
        Assert.Equal(["f.png"], await NamesAsync());
        Assert.Equal([_folder.File("two")], (await _store.ListFoldersAsync()).Select(folder => folder.Path));
        Assert.Equal(0, (await _store.PruneAsync()).Removed);
    }

    [Fact]
    public async Task ImportedPicturesAreNotPruned()
    {
        await new ImageIndexer(_store, emoji.Pipeline).IndexAsync(_folder.File("one"));
        await _store.UpsertAsync([Vectors.Entry("imported", Vectors.Random(new Random(1), 192))]);
        Assert.Equal(0, (await _store.PruneAsync()).Removed);
    }

    [Fact]
    public async Task AnothersSettingIsNamed()
    {
        await _store.SetSettingAsync("folder:/x", "no JSON");
        Assert.Contains("/x", (await Assert.ThrowsAsync<ImageStoreException>(() => _store.ListFoldersAsync())).Message);
    }

    private async Task<string[]> NamesAsync() =>
        [.. (await _store.ListAsync().ToListAsync()).Select(image => Path.GetFileName(image.Id)).Order(StringComparer.Ordinal)];
}
