using AltClip.Shared;
using Xunit;

namespace AltClip.Tests.Shared;

/// <summary>What killed processes left beside files that are written.</summary>
public sealed class StagedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 0, true)]
    [InlineData(false, 59, true)]
    [InlineData(false, 61, false)]
    [InlineData(true, 0, false)]
    public void AYoungOneStaysWhereOthersMayWriteTheFile(bool isSoleWriter, int minutes, bool stays)
    {
        string left = LeftOver("a.txt", minutes);
        StagedFiles.WriteText(_folder.File("a.txt"), "new", isSoleWriter);
        Assert.Equal(stays, File.Exists(left));
        Assert.Equal("new", File.ReadAllText(_folder.File("a.txt")));
    }

    [Fact]
    public void AFolderThatIsMissingIsNamedAndNoTemporaryFile()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => StagedFiles.WriteText(_folder.File("missing/file.json"), "text"));
        Assert.Equal($"There is no folder {_folder.File("missing")} for {_folder.File("missing/file.json")}.", error.Message);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void ThoseOfOtherNamesStay()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No file is called so there.");
        string[] others = [LeftOver("ab.txt"), LeftOver("a.txt"), LeftOver("a?.txt.b")];
        string own = LeftOver("a?.txt");
        StagedFiles.WriteText(_folder.File("a?.txt"), "new", isSoleWriter: true);
        Assert.All(others, left => Assert.True(File.Exists(left), left));
        Assert.False(File.Exists(own));
    }

    [Fact]
    public void OfFilesOfOneFolderEachTakesItsOwn()
    {
        string[] left = [LeftOver("a"), LeftOver("b"), LeftOver("b"), LeftOver("c")];
        using (var staged = new StagedFiles(isSoleWriter: true))
        {
            staged.CreateText(_folder.File("a"), "a");
            Assert.Equal([false, true, true, true], left.Select(File.Exists));
            staged.CreateText(_folder.File("b"), "b");
            Assert.Equal([false, false, false, true], left.Select(File.Exists));
            // What it wrote itself is none.
            staged.DeleteLeftOver(_folder.Path, name => name is "a" or "b");
            staged.Commit();
        }
        Assert.Equal(["a", "b", Path.GetFileName(left[3])], _folder.Files.Order(StringComparer.Ordinal));
    }

    private string LeftOver(string name, int minutes = 0)
    {
        string path = TemporaryName.Beside(_folder.File(name));
        File.WriteAllText(path, "left");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-minutes));
        return path;
    }
}
