using System.Security.Cryptography;
using AltClip.Conformance;
using AltClip.Tests;
using AltClip.Training.Distributed;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class ProcessGroupTests
{
    public ProcessGroupTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");

    [Fact]
    public void TheLibraryIsThatOfTheSources()
    {
        var folder = TestData.Path("..", "..", "src", "AltClip.Training", "native");
        byte[] sources = [.. new[] { "libtorch.hpp", "altclip_distributed.cpp" }.SelectMany(name => File.ReadAllBytes(Path.Combine(folder, name)))];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(sources)), GlooLibrary.Sources);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void OperationsGiveAllProcessesTheSame(int worldSize)
    {
        LiveTensors.AssertUnchanged(() => RankThreads.Run(worldSize, group =>
        {
            Assert.Equal(worldSize, group.WorldSize);
            CollectiveOperations.Check(group);
            return 0;
        }));
    }

    [Fact]
    public void WhatCannotBeSentIsRefused() => RankThreads.Run(2, group =>
    {
        using var number = tensor(1f);
        Assert.Throws<ArgumentException>(() => group.AllGather(number));
        Assert.Throws<ArgumentOutOfRangeException>(() => group.Broadcast(number, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => group.AllReduce(number, (ReduceOperation)7));
        group.Barrier();
        group.Dispose();
        Assert.Throws<ObjectDisposedException>(group.Barrier);
        return 0;
    });

    [Fact]
    public void AProcessThatLeavesIsAnErrorForTheOthers()
    {
        var message = RankThreads.Run(3, group =>
        {
            group.Barrier();
            if (group.Rank == 1) return "";
            var first = Assert.Throws<ProcessGroupException>(() => Meet(group));
            Assert.Contains("no more use", Assert.Throws<ProcessGroupException>(group.Barrier).Message);
            return first.Message;
        });
        Assert.Contains("Rank 0 of 3: all-reduce failed, since another process has ended", message[0]);
        Assert.DoesNotContain('\n', message[0]);
    }

    [Fact]
    public void AProcessThatHangsIsAnErrorWhenTheTimeIsUp()
    {
        using var released = new ManualResetEventSlim();
        var messages = RankThreads.Run(2, group =>
        {
            group.Barrier();
            if (group.Rank == 1)
            {
                released.Wait();
                return "";
            }
            try
            {
                return Assert.Throws<ProcessGroupException>(group.Barrier).Message;
            }
            finally
            {
                released.Set();
            }
        }, TimeSpan.FromSeconds(2));
        Assert.Contains("Timed out", messages[0]);
    }

    [Fact]
    public void WhoWaitsInVainIsTold()
    {
        var options = new ProcessGroupOptions { Rank = 1, WorldSize = 2, MasterPort = RankThreads.FreePort(), Timeout = TimeSpan.FromSeconds(1) };
        Assert.Contains($"Rank 1 of 2 can't join the others at 127.0.0.1:{options.MasterPort}", Failure(options));
        Assert.Contains("1/2 clients joined", Failure(options with { Rank = 0 }));
        Assert.Contains("no-such-host.invalid", Failure(options with { MasterAddress = "no-such-host.invalid" }));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => ProcessGroup.Join(options, stop.Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProcessGroup.Join(options with { Rank = 2 }));
    }

    private static void Meet(ProcessGroup group)
    {
        // The one that leaves may still have taken part in the first.
        for (var i = 0; i < 2; i++) group.Barrier();
    }

    private static string Failure(ProcessGroupOptions options) => Assert.Throws<ProcessGroupException>(() => ProcessGroup.Join(options)).Message;
}
