using System.Runtime.InteropServices;
using AltClip.Native;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>
/// What reaches below TorchSharp, held against the version in use. When that changes, the first test fails until the others were seen to pass
/// and the version was added to <see cref="TriedVersions"/>.
/// </summary>
[Collection(nameof(ProcessWide))]
public sealed class TriedVersionsTests
{
    [Fact]
    public void TorchSharpIsOfAVersionThatWasTried() =>
        Assert.True(TriedVersions.HaveTorchSharp, $"Not tried: TorchSharp {typeof(torch).Assembly.GetName().Version}.");

    [Fact]
    public void LibtorchHasTheNamesThatAreLookedUp()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "The names are Linux's on x64.");
        Assert.All([LibtorchExports.HasOneDnnName, .. OneDnnProducts.Symbols], name => Assert.True(LibtorchExports.TryFind(name, out _), name));
        Assert.True(LibtorchExports.HasOneDnn);
    }

    [Fact]
    public void AParameterCountsOnce()
    {
        var before = Tensor.TotalCount;
        using (var parameter = new Parameter(empty(3)))
        {
            ParameterCount.Uncount();
            Assert.Equal(before + 1, Tensor.TotalCount);
        }
        Assert.Equal(before, Tensor.TotalCount);
    }
}
