using System.Diagnostics;
using System.Runtime.InteropServices;
using AltClip.Training.Distributed;
using Xunit;

namespace AltClip.Training.Tests;

/// <summary>
/// What can be seen of NVIDIA's own libraries where no GPU is: that they have the functions as they are declared here, and say why they can't be used. Debian 13
/// has them: <c>apt-get install libnccl2 libcudart12</c> with contrib and non-free.
/// </summary>
public sealed class RealNcclTests
{
    private readonly NcclLibrary _nccl;

    public RealNcclTests()
    {
        var isThere = NativeLibrary.TryLoad("libnccl.so.2", out var nccl) & NativeLibrary.TryLoad("libcudart.so.12", out var cuda);
        Assert.SkipUnless(isThere, "libnccl.so.2 or libcudart.so.12 isn't installed.");
        _nccl = new NcclLibrary(name => NativeLibrary.TryGetExport(nccl, name, out var address) ? address : NativeLibrary.GetExport(cuda, name));
    }

    [Fact]
    public void EachGroupHasAnIdOfItsOwn()
    {
        byte[][] ids = [new byte[NcclLibrary.UniqueId.Size], new byte[NcclLibrary.UniqueId.Size]];
        foreach (var id in ids) _nccl.GetUniqueId(id);
        Assert.NotEqual(ids[0], ids[1]);
        Assert.Contains(ids[0], value => value != 0);
    }

    [Fact]
    public void WithoutAGpuJoiningFailsByItsName()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "There is a GPU.");
        Assert.StartsWith("CUDA: ", Assert.Throws<NcclException>(() => _nccl.SetDevice(0)).Message);
        var id = new byte[NcclLibrary.UniqueId.Size];
        _nccl.GetUniqueId(id);
        var error = Assert.Throws<NcclException>(() => Join(id, 0, 1));
        Assert.Contains("unhandled cuda error", error.Message);
    }

    private void Join(byte[] id, int rank, int size)
    {
        var communicator = _nccl.BeginJoin(id, rank, size);
        for (var clock = Stopwatch.StartNew(); !_nccl.IsReady(communicator); Thread.Sleep(1))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "It neither joins nor fails.");
    }
}
