using AltClip.Shared;
using Xunit;

namespace AltClip.Tests.Shared;

/// <summary>A file or folder has one name, by whichever links it is reached.</summary>
public sealed class RealPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RealPathTests() => Directory.CreateDirectory(_folder.File("real/deep/deeper"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("real/deep", "real/deep")]
    [InlineData("link", "real/deep")] // to what is below another link
    [InlineData("link/deeper", "real/deep/deeper")]
    [InlineData("again/deeper", "real/deep/deeper")]
    [InlineData("up", "real/deep")] // to above where another link leads, and not to above that link
    [InlineData("whole", "real/deep")]
    [InlineData("link/not-there", "real/deep/not-there")]
    [InlineData("broken", "not-there")]
    public void NoPartIsALink(string path, string real)
    {
        Link("alias", "real");
        Link("link", "alias/deep");
        Link("again", "./link/../deep");
        Link("deepest", "real/deep/deeper");
        Link("up", "deepest/..");
        Link("whole", _folder.File("link"));
        Link("broken", "not-there");
        Assert.Equal(RealPath.Of(_folder.File(real)), RealPath.Of(_folder.File(path)));
        Assert.EndsWith(real, RealPath.Of(_folder.File(path)));
    }

    [Fact]
    public void ACircleIsRefusedByName()
    {
        Link("a", "b/x");
        Link("b", "a/y");
        var error = Assert.Throws<IOException>(() => RealPath.Of(_folder.File("a/z")));
        Assert.Contains(_folder.File("a/z"), error.Message);
    }

    private void Link(string name, string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Directory.CreateSymbolicLink(_folder.File(name), target);
    }
}
