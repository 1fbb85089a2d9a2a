using System.Runtime.InteropServices;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>A disk that is full in the middle of a file: the system's limit on the size of files fails a write in the same way.</summary>
[Collection(nameof(ProcessWide))]
public sealed class FullDiskTests : IDisposable
{
    private const int FileSizeLimit = 1; // RLIMIT_FSIZE
    private const int FileSizeSignal = 25; // SIGXFSZ
    private const nint Ignore = 1; // SIG_IGN
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheCheckpointBeforeStaysWhole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is Linux's.");
        manual_seed(1);
        using var model = ModelBuilder.Model();
        Trainer With(long steps) => new(
            model, _ => model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Loss!,
            new TrainerOptions { Steps = steps, CheckpointFile = _folder.File("run.safetensors") });
        using (var trainer = With(1)) trainer.Run();
        var bytes = File.ReadAllBytes(_folder.File("run.safetensors"));
        Assert.True(bytes.Length > 64_000);

        using (var trainer = With(2))
        {
            trainer.Resume();
            var before = Limit(32_000);
            try
            {
                Assert.ThrowsAny<Exception>(() => trainer.Run()); // of this limit .NET makes no IOException, as it does of a full disk
            }
            finally
            {
                Limit(before);
            }
        }
        Assert.Equal(["run.safetensors"], _folder.Files);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.File("run.safetensors")));
        using var resumed = With(2);
        Assert.True(resumed.Resume());
        Assert.Equal(1, resumed.Step);
    }

    /// <summary>Sets the limit and returns the one before.</summary>
    private static ulong Limit(ulong bytes)
    {
        _ = Signal(FileSizeSignal, Ignore);
        Assert.Equal(0, GetLimit(FileSizeLimit, out var limits));
        var before = limits.Soft;
        limits.Soft = bytes;
        Assert.Equal(0, SetLimit(FileSizeLimit, in limits));
        return before;
    }

    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint Signal(int signal, nint handler);

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetLimit(int resource, out Limits limits);

    [DllImport("libc", EntryPoint = "setrlimit")]
    private static extern int SetLimit(int resource, in Limits limits);
}
