using AltClip.Checkpoints;
using AltClip.Conformance;
using AltClip.Conformance.Training2;
using AltClip.Native;
using AltClip.Tests;
using AltClip.Training.Distributed;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What is called of NCCL, by <see cref="FakeNccl"/>, and what becomes of its failures.</summary>
[Collection(nameof(ProcessWide))]
public sealed class NcclGroupTests
{
    public NcclGroupTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes find each other by Gloo, which is in libtorch for Linux.");
        FakeNccl.Reset();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void OperationsGiveAllProcessesTheSame(int worldSize)
    {
        LiveTensors.AssertUnchanged(() => RankThreads.Run(worldSize, group =>
        {
            CollectiveOperations.Check(group);
            return 0;
        }, join: Join));
        // ncclFloat32 is 7, ncclInt64 4, ncclBfloat16 9, ncclInt32 2; ncclSum 0, ncclMax 2, ncclMin 3.
        Assert.Equal(
            ["all-gather 6 7", "all-reduce 6 7 0", "all-reduce 6 7 2", "all-reduce 6 7 3", $"broadcast 6 4 {worldSize - 1}", "all-reduce 3 9 0", "all-reduce 1 2 0"],
            FakeNccl.Begun.Distinct());
        Assert.Equal(7 * worldSize, FakeNccl.Begun.Count);
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void WhatNcclDoesNotSendGoesByTheProcessorsMemory()
    {
        RankThreads.Run(2, group =>
        {
            using var scope = NewDisposeScope();
            var isSecond = full([2], group.Rank == 1, dtype: @bool);
            Assert.Equal([false, false, true, true], group.AllGather(isSecond).data<bool>().ToArray());
            group.Broadcast(isSecond, 1);
            Assert.Equal([true, true], isSecond.data<bool>().ToArray());
            return 0;
        }, join: Join);
        Assert.Empty(FakeNccl.Begun);
    }

    [Fact]
    public void ModelsTrainAsByGloo()
    {
        using var scope = NewDisposeScope();
        using var tensors = SafeTensors.Open(TestData.Path("training2", "tensors.safetensors"));
        var test = Training2Group.Read(TestData.Path("training2"), tensors).Single(test => test.Name == "data-parallel/adamw-20");
        var ranks = TrajectoryCases.Train(test, 2, local: true, Join);
        Assert.InRange(new TrajectoryCriterion(test).Check(ranks[0]), 0, 1);
        Assert.All(ranks[1].Parameters, p => Assert.True(p.Value.equal(ranks[0].Parameters[p.Key]).all().item<bool>(), p.Key));
        Assert.Contains(FakeNccl.Begun, begun => begun.StartsWith("all-reduce", StringComparison.Ordinal));
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void AProcessThatLeavesIsAnErrorForTheOthersAtOnce()
    {
        var start = DateTime.UtcNow;
        var messages = RankThreads.Run(2, group =>
        {
            using var one = ones(1);
            group.AllReduce(one);
            return group.Rank == 1 ? "" : Assert.Throws<ProcessGroupException>(() => group.AllReduce(one)).Message;
        }, join: Join);
        Assert.Contains("another process has ended", messages[0]);
        Assert.InRange(DateTime.UtcNow - start, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void WhatFailsOnTheWayIsTold()
    {
        var messages = RankThreads.Run(2, group =>
        {
            using var one = ones(1);
            group.AllReduce(one);
            FakeNccl.IsBroken = true;
            var error = Assert.Throws<ProcessGroupException>(() => group.AllReduce(one));
            Assert.Contains("no more use", Assert.Throws<ProcessGroupException>(group.Barrier).Message);
            return error.Message;
        }, join: Join);
        Assert.Contains("Rank 0 of 2: all-reduce by NCCL failed: remote process exited (socket closed).", messages);
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void WhatCannotBeginIsTold()
    {
        var messages = RankThreads.Run(2, group =>
        {
            using var one = ones(1);
            FakeNccl.Failure = 4;
            return Assert.Throws<ProcessGroupException>(() => group.Broadcast(one)).Message;
        }, join: Join);
        Assert.Contains("Rank 1 of 2: broadcast by NCCL failed: ncclBroadcast: invalid argument (socket closed).", messages[1]);
    }

    [Fact]
    public void AGpuThatIsNeverDoneIsAnErrorWhenTheTimeIsUp()
    {
        var messages = RankThreads.Run(2, group =>
        {
            using var one = ones(1);
            // The second meets the first, but its operation never begins.
            if (group.Rank == 0) return Assert.Throws<ProcessGroupException>(() => group.AllReduce(one)).Message;
            FakeNccl.SkipsThread = true;
            return Assert.Throws<ProcessGroupException>(() => group.AllReduce(one)).Message;
        }, TimeSpan.FromSeconds(2), Join);
        Assert.Contains("all-reduce by NCCL failed: another process does not answer within 2 s", messages[0]);
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void WhereItCannotBeJoinedAllAreTold()
    {
        var error = Assert.Throws<ProcessGroupException>(() => RankThreads.Run(2, group => 0, join: options =>
        {
            FakeNccl.IsBroken = true;
            return Join(options);
        }));
        Assert.Contains("join by NCCL failed: remote process exited", error.Message);
        Assert.Equal(0, FakeNccl.OpenCount);
    }

    [Fact]
    public void AnOlderLibraryIsRefused()
    {
        FakeNccl.Version = 21307;
        Assert.Contains("21307; expected 21400", Assert.Throws<PlatformNotSupportedException>(() => new NcclLibrary(FakeNccl.Find)).Message);
    }

    [Fact]
    public void WithoutAGpusLibtorchItIsNotThere()
    {
        Assert.SkipWhen(cuda.is_available(), "This libtorch may have it.");
        Assert.False(ProcessGroup.IsNcclAvailable);
        var options = new ProcessGroupOptions { Rank = 0, WorldSize = 2, Device = new Device("cuda:1") };
        Assert.Contains(
            "Tensors of cuda:1 can't go by NCCL: this process has no libtorch for CUDA", Assert.Throws<PlatformNotSupportedException>(() => ProcessGroup.Join(options)).Message);
        Assert.Contains("expected a GPU", Assert.Throws<ArgumentException>(() => ProcessGroup.Join(options with { Device = CPU })).Message);
    }

    [Fact]
    public void AddressesAreThoseOfTheNumbers()
    {
        using var whole = arange(6, dtype: float32);
        using var part = whole.slice(0, 2, 4, 1);
        Assert.Equal(TensorMemory.Address(whole) + 2 * sizeof(float), TensorMemory.Address(part));
        unsafe
        {
            Assert.Equal(2f, *(float*)TensorMemory.Address(part));
        }
    }

    private static ProcessGroup Join(ProcessGroupOptions options) =>
        NcclGroup.Join(options, new NcclLibrary(FakeNccl.Find), CPU, CancellationToken.None);
}
