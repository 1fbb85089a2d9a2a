using System.Diagnostics;
using AltClip.Native;
using TorchSharp;
using Xunit;

namespace AltClip.Tests;

public sealed class TorchRuntimeTests : IDisposable
{
    private readonly DirectoryInfo _caches = Directory.CreateTempSubdirectory("altclip-tests-");

    public void Dispose() => _caches.Delete(recursive: true);

    /// <summary>Deliberately the first and only thing its process does, with nothing of AltClip before it, when started by the tests below.</summary>
    [Fact]
    public void TorchComputes()
    {
        using var scope = torch.NewDisposeScope();

        Assert.Equal(8f, torch.ones(2, 2).mm(torch.ones(2, 2)).sum().item<float>());
    }

    [Fact]
    public void EnsureLoadedCanBeCalledAgain()
    {
        TorchRuntime.EnsureLoaded();
        TorchRuntime.EnsureLoaded();

        Assert.True(torch.TryInitializeDeviceType(DeviceType.CPU));
    }

    [Fact]
    public async Task ProcessesThatStartAtOnceShareOneCopy()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ComputeInNewProcess(_caches.FullName)));

        var copies = _caches.GetFiles("*", SearchOption.AllDirectories).Select(file => file.Name);
        Assert.Equal(NativeFiles.LoadsPlainly ? [] : ["libLibTorchSharp.so"], copies);
    }

    [Fact]
    public async Task AProcessRunsWithoutAWritableCache() => await ComputeInNewProcess("/proc/nowhere");

    private static async Task ComputeInNewProcess(string caches)
    {
        var program = Path.ChangeExtension(typeof(TorchRuntimeTests).Assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
        var start = new ProcessStartInfo(program, ["-method", $"{typeof(TorchRuntimeTests).FullName}.{nameof(TorchComputes)}", "-noColor"])
        {
            RedirectStandardOutput = true,
            Environment = { ["XDG_CACHE_HOME"] = caches },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output);
    }
}
