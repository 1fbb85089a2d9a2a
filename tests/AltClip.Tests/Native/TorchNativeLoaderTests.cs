using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using AltClip.Native;
using Xunit;

namespace AltClip.Tests;

[SupportedOSPlatform("linux")]
public sealed class TorchNativeLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("altclip-tests-");
    private readonly NativeCopyCache _cache;

    public TorchNativeLoaderTests()
    {
        NativeFiles.RequireLinux();
        _cache = new(CacheFolder);
    }

    private string CacheFolder => Path.Combine(_folder.FullName, "altclip");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void LeavesALibraryAloneThatLoads()
    {
        var handle = TorchNativeLoader.Load(NativeFiles.C10, _cache);

        Assert.NotEqual(0, handle);
        NativeLibrary.Free(handle);
        Assert.False(Directory.Exists(CacheFolder));
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.30", "GLIBCXX_3.4.99", "libstdc++.so.6", "GLIBCXX_3.4.3")]
    [InlineData("GLIBC_2.34", "GLIBC_2.94", "libc.so.6", "GLIBC_2.")]
    public void SaysWhatTheSystemLacks(string version, string later, string library, string newest)
    {
        var path = WriteWithName(version, later);

        var refused = Assert.Throws<DllNotFoundException>(() => TorchNativeLoader.Load(path, _cache));

        Assert.Matches($@"^'{path}' needs {later} of {Regex.Escape(library)} \('/.+' has {newest}\d+ at most\)\. Use a newer system", refused.Message);
        Assert.False(Directory.Exists(CacheFolder));
    }

    [Fact]
    public void PassesOnWhatElseIsWrong()
    {
        var path = WriteWithName("libtorch.so", "libother.so");

        var refused = Assert.Throws<DllNotFoundException>(() => TorchNativeLoader.Load(path, _cache));

        Assert.Contains($"'{path}'", refused.Message);
        Assert.Contains("libother.so: cannot open shared object file", refused.Message);
    }

    [Fact]
    public void SaysThatTheLibraryIsDamaged()
    {
        var path = Path.Combine(_folder.FullName, "lib.so");
        File.WriteAllText(path, "<html>404</html>");

        var refused = Assert.Throws<DllNotFoundException>(() => TorchNativeLoader.Load(path, _cache));

        Assert.Contains($"'{path}' cannot be read: it does not begin with an ELF header.", refused.Message);
    }

    [Fact]
    public void SaysWhichPackageIsMissing()
    {
        var assembly = typeof(TorchSharp.torch).Assembly;

        var refused = Assert.Throws<DllNotFoundException>(() => TorchBackend.Load(assembly, "torch_none"));

        Assert.StartsWith("TorchSharp 0.107.0 needs libtorch, and the app has no 'libtorch_none.so'. Add the package TorchSharp-cpu to the app", refused.Message);
    }

    /// <summary>TorchSharp's library with one of the names in its dynamic string table changed.</summary>
    private string WriteWithName(string name, string other)
    {
        var library = File.ReadAllBytes(NativeFiles.TorchSharp);
        Encoding.ASCII.GetBytes(other, library.AsSpan(library.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{name}\0")) + 1));
        var path = Path.Combine(_folder.FullName, "lib.so");
        File.WriteAllBytes(path, library);
        return path;
    }
}
