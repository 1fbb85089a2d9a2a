using AltClip.Tests;
using ImageSearch;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class ServedFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ServedFolderTests()
    {
        Directory.CreateDirectory(_folder.File("served/deep"));
        Directory.CreateDirectory(_folder.File("outside"));
        _folder.Write("served/deep/a.png", [1]);
        _folder.Write("outside/b.png", [2]);
        _folder.Write("served-not.png", [3]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("deep/a.png")]
    [InlineData("./deep/../deep/a.png")]
    public void FilesInItAreFound(string id) => AssertIsA(new ServedFolder(_folder.File("served")).Find(id));

    [Theory]
    [InlineData("../outside/b.png")]
    [InlineData("../served-not.png")]
    [InlineData("deep")]
    [InlineData("none.png")]
    [InlineData("")]
    public void OthersAreNot(string id) => Assert.Null(new ServedFolder(_folder.File("served")).Find(id));

    [Theory]
    [InlineData("link.png", "../outside/b.png", "link.png")]
    [InlineData("link", "../outside", "link/b.png")]
    [InlineData("link", "..", "link/outside/b.png")]
    [InlineData("link.png", "link.png", "link.png")]
    [InlineData("link", "../served-not.png", "link")]
    public void LinksOutOfItLeadNowhere(string link, string target, string id)
    {
        File.CreateSymbolicLink(_folder.File(Path.Combine("served", link)), target);
        Assert.Null(new ServedFolder(_folder.File("served")).Find(id));
    }

    [Fact]
    public void LinksOfLinksAreFollowedToTheirEnd()
    {
        File.CreateSymbolicLink(_folder.File("outside/c.png"), "b.png");
        Directory.CreateSymbolicLink(_folder.File("served/x"), "deep/y");
        Directory.CreateSymbolicLink(_folder.File("served/deep/y"), "../../outside");
        Assert.Null(new ServedFolder(_folder.File("served")).Find("x/c.png"));
    }

    [Theory]
    [InlineData("link.png", "deep/a.png", "link.png")]
    [InlineData("link", "deep", "link/a.png")]
    [InlineData("link", "../served/deep", "link/a.png")]
    public void LinksWithinItDo(string link, string target, string id)
    {
        File.CreateSymbolicLink(_folder.File(Path.Combine("served", link)), target);
        AssertIsA(new ServedFolder(_folder.File("served")).Find(id));
    }

    [Fact]
    public void TheFolderItselfMayBeALink()
    {
        Directory.CreateSymbolicLink(_folder.File("alias"), "served");
        AssertIsA(new ServedFolder(_folder.File("alias")).Find("deep/a.png"));
    }

    private static void AssertIsA(string? file) => Assert.Equal([1], File.ReadAllBytes(Assert.IsType<string>(file)));
}
