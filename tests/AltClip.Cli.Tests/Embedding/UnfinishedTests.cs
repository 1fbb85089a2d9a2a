using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What is written appears whole or not at all.</summary>
public sealed class UnfinishedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Part => _folder.File("part-000000");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhoReadsMeanwhileTakesItForNoPart()
    {
        Assert.True(await Unfinished.WriteAsync(Part, async beside =>
        {
            await WriteHalfAsync(beside);
            // As docs/scale-out.md reads a job: the files right below a shard's folders.
            Assert.Empty(Directory.GetDirectories(_folder.Path).SelectMany(Directory.GetFiles));
            await File.AppendAllTextAsync(Path.Combine(beside, "embeddings.jsonl"), " and half");
        }));
        Assert.Equal(["part-000000"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("half and half", await File.ReadAllTextAsync(Path.Combine(Part, "embeddings.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task NothingIsLeftOfWhatFailed()
    {
        await Assert.ThrowsAsync<IOException>(() => Unfinished.WriteAsync(Part, async beside =>
        {
            await WriteHalfAsync(beside);
            throw new IOException("No space left on device");
        }));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Throws<InvalidDataException>(() => Unfinished.Write(Part, _ => throw new InvalidDataException()));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task TheSecondOfTwoLeavesTheFirst()
    {
        Assert.False(await Unfinished.WriteAsync(Part, async beside =>
        {
            await Unfinished.WriteAsync(Part, WriteHalfAsync);
            Directory.CreateDirectory(beside);
        }));
        Assert.Equal("half", await File.ReadAllTextAsync(Path.Combine(Part, "embeddings.jsonl"), TestContext.Current.CancellationToken));
        var file = _folder.File("complete.json");
        Assert.True(Unfinished.Write(file, beside => File.WriteAllText(beside, "first")));
        Assert.False(Unfinished.Write(file, beside => File.WriteAllText(beside, "second")));
        Assert.Equal("first", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WhoseWorkIsDeletedAsLeftOverIsTooLateOnlyIfItIsThere()
    {
        Assert.False(await Unfinished.WriteAsync(Part, async beside =>
        {
            await Unfinished.WriteAsync(Part, WriteHalfAsync);
            Unfinished.DeleteAll(_folder.Path);
            await WriteFileAsync(beside);
        }));
        Directory.Delete(Part, recursive: true);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => Unfinished.WriteAsync(Part, async beside =>
        {
            Unfinished.DeleteAll(_folder.Path);
            await WriteFileAsync(beside);
        }));
    }

    private static Task WriteHalfAsync(string beside)
    {
        Directory.CreateDirectory(beside);
        return WriteFileAsync(beside);
    }

    private static Task WriteFileAsync(string beside) => File.WriteAllTextAsync(Path.Combine(beside, "embeddings.jsonl"), "half");
}
