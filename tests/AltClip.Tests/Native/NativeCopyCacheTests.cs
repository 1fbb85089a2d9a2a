using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using AltClip.Native;
using Xunit;

namespace AltClip.Tests;

[SupportedOSPlatform("linux")]
public sealed class NativeCopyCacheTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("altclip-tests-");
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(100_000);

    public NativeCopyCacheTests() => NativeFiles.RequireLinux();

    private string Root => Path.Combine(_parent.FullName, "altclip");

    private string Copy => Path.Combine(Root, "native", "key", "lib.so");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void KeepsACopyThatOnlyTheUserReaches()
    {
        Assert.Equal(Copy, PathLoadedFrom());

        Assert.Equal(_content, File.ReadAllBytes(Copy));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Root));
        Assert.Equal([Copy], Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void UsesTheCopyThatIsThere()
    {
        PathLoadedFrom();
        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Copy, written);

        Assert.Equal(Copy, PathLoadedFrom());

        Assert.Equal(written, File.GetLastWriteTimeUtc(Copy));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(100_000)]
    [InlineData(100_001)]
    public void ReplacesADamagedCopy(int length)
    {
        PathLoadedFrom();
        File.WriteAllBytes(Copy, RandomNumberGenerator.GetBytes(length));

        Assert.Equal(Copy, PathLoadedFrom());

        Assert.Equal([Copy], Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void ShutsAFolderThatOthersCouldWriteTo()
    {
        Directory.CreateDirectory(Root);
        File.SetUnixFileMode(Root, OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.Equal(Copy, PathLoadedFrom());

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Root));
    }

    [Fact]
    public void RefusesAFolderThatIsALink()
    {
        var target = _parent.CreateSubdirectory("elsewhere");
        Directory.CreateSymbolicLink(Root, target.FullName);

        AssertTemporary(PathLoadedFrom());

        Assert.Empty(target.GetFileSystemInfos());
    }

    [Fact]
    public void RefusesAFolderOfAnotherUser()
    {
        var others = "/";
        if (Environment.IsPrivilegedProcess)
        {
            others = Directory.CreateDirectory(Root).FullName;
            Process.Start("chown", ["65534", others]).WaitForExit();
        }

        AssertTemporary(PathLoadedFrom(new NativeCopyCache(others)));

        Assert.False(Directory.Exists(Path.Combine(others, "native")));
    }

    [Fact]
    public void LeavesNothingBehindWhereTheCacheCannotBeWrittenTo()
    {
        // A file where the folder belongs stops even root.
        File.WriteAllText(Root, "");

        var path = PathLoadedFrom();

        AssertTemporary(path);
        Assert.Equal("", File.ReadAllText(Root));
    }

    [Fact]
    public void UsesATemporaryCopyForAUserWithoutAHome() =>
        AssertTemporary(PathLoadedFrom(new NativeCopyCache(null)));

    [Fact]
    public void UsesATemporaryCopyWhereTheCachedOneDoesNotLoad()
    {
        var tried = new List<string>();

        Load(new NativeCopyCache(Root), path =>
        {
            tried.Add(path);
            if (path == Copy)
                throw new DllNotFoundException("mounted noexec");
        });

        Assert.Equal(2, tried.Count);
        Assert.Equal(Copy, tried[0]);
        AssertTemporary(tried[1]);
    }

    [Fact]
    public void SaysWhyNeitherCopyLoads()
    {
        var failure = Assert.Throws<DllNotFoundException>(() => Load(new NativeCopyCache(Root), _ => throw new DllNotFoundException("mounted noexec")));

        Assert.Equal("mounted noexec", failure.Message);
    }

    [Fact]
    public void GivesEveryoneAWholeCopyWhenManyStartAtOnce()
    {
        var cache = new NativeCopyCache(Root);
        for (var round = 0; round < 20; round++)
        {
            // PathLoadedFrom compares the bytes at the moment of loading; every other round starts from a damaged copy.
            if (round % 2 == 0)
                Directory.Delete(Directory.CreateDirectory(Root).FullName, recursive: true);
            else
                File.WriteAllBytes(Copy, []);
            Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(Copy, PathLoadedFrom(cache)));
        }
        Assert.Equal([Copy], Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    private void AssertTemporary(string path)
    {
        Assert.StartsWith(Path.Combine(Path.GetTempPath(), "altclip-"), path);
        Assert.DoesNotContain(_parent.FullName, path);
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    private string PathLoadedFrom(NativeCopyCache? cache = null)
    {
        var loaded = "";
        Load(cache ?? new NativeCopyCache(Root), path =>
        {
            Assert.Equal(_content, File.ReadAllBytes(path));
            loaded = path;
        });
        return loaded;
    }

    private void Load(NativeCopyCache cache, Action<string> load) =>
        Assert.Equal(7, cache.Load("key", "lib.so", _content, path =>
        {
            load(path);
            return 7;
        }));
}
