using System.Collections.Concurrent;
using AltClip.Inference.Kernels.Panels;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class WorkTeamTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public void EachPieceIsDoneOnce()
    {
        var done = new int[1000];
        using var team = WorkTeam.Enter();
        for (var round = 0; round < 50; round++)
        {
            team.Run(done.Length, (_, item) => Interlocked.Increment(ref done[item]));
            Assert.All(done, count => Assert.Equal(round + 1, count));
            if (round % 10 == 0) Thread.Sleep(5); // it goes to sleep and must wake
        }
        team.Run(0, (_, _) => Assert.Fail("There is nothing to do."));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void ACallAloneHasAllThreads(int count)
    {
        var threads = new WorkThreads(() => count);
        for (var call = 0; call < 3; call++)
        {
            using var team = threads.Enter();
            Assert.Equal(count, team.Threads);
            Assert.Equal(Enumerable.Range(0, count), Numbers(team, count));
        }
    }

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(3, 2, 1)]
    [InlineData(4, 2, 2)]
    [InlineData(8, 3, 5)]
    [InlineData(4, 4, 0)]
    public void CallsAtTheSameTimeShareTheThreads(int count, int calls, int others)
    {
        var threads = new WorkThreads(() => count);
        WorkTeam[] teams = [.. Enumerable.Range(0, calls).Select(_ => threads.Enter())];
        // Twice: those that come first give up what they have too many, and then the others take it.
        for (var round = 0; round < 2; round++)
        {
            foreach (var team in teams) team.Run(1, (_, _) => { });
        }
        Assert.Equal(others, teams.Sum(team => team.Others.Count));
        Assert.InRange(teams.Max(team => team.Others.Count) - teams.Min(team => team.Others.Count), 0, 1);
        Assert.Equal(others, teams.SelectMany(team => team.Others).Distinct().Count());
        foreach (var team in teams[1..]) team.Dispose();
        Assert.Equal(Enumerable.Range(0, count), Numbers(teams[0], count));
        teams[0].Dispose();
    }

    [Fact]
    public async Task ACallMoreThanThereAreThreadsWaitsForOneToEnd()
    {
        var threads = new WorkThreads(() => 2);
        WorkTeam first = threads.Enter(), second = threads.Enter();
        var third = Task.Run(threads.Enter, TestContext.Current.CancellationToken);
        second.Run(1, (_, _) => { });
        Assert.False(third.IsCompleted);
        Assert.Equal(2, threads.Callers);
        first.Dispose();
        using var team = await third.WaitAsync(Long, TestContext.Current.CancellationToken);
        Assert.Equal(2, threads.Callers);
        second.Dispose();
        Assert.Equal([0, 1], Numbers(team, 2));
    }

    [Fact]
    public void ACallHasTheThreadsOfTheMomentItBegins()
    {
        var count = 2;
        var threads = new WorkThreads(() => count);
        foreach (var next in new[] { 2, 4, 1, 3 })
        {
            count = next;
            using var team = threads.Enter();
            Assert.Equal(Enumerable.Range(0, next), Numbers(team, next));
        }
    }

    [Fact]
    public void TheProcesssAreAsManyAsLibtorchs()
    {
        var before = get_num_threads();
        try
        {
            foreach (var count in new[] { 1, 3 })
            {
                set_num_threads(count);
                using var team = WorkTeam.Enter();
                Assert.Equal(count, team.Threads);
            }
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void WhatAPieceThrowsReachesTheCallerOnceNoneIsAtWork()
    {
        var threads = new WorkThreads(() => 3);
        using var team = threads.Enter();
        for (var thrower = 0; thrower < 3; thrower++)
        {
            using var meet = new Barrier(3);
            var (atWork, done) = (0, 0);
            var thrown = Assert.Throws<TimeoutException>(() => team.Run(1000, (thread, item) =>
            {
                Interlocked.Increment(ref atWork);
                if (item < 3) meet.SignalAndWait(Long);
                if (item < 3 && thread == thrower) throw new TimeoutException("piece");
                if (item < 3) Thread.Sleep(20); // still at work when it has been thrown
                Interlocked.Increment(ref done);
                Interlocked.Decrement(ref atWork);
            }));
            Assert.Equal("piece", thrown.Message);
            Assert.Equal(1, Volatile.Read(ref atWork));
            Assert.InRange(done, 2, 999);
            Assert.Equal([0, 1, 2], Numbers(team, 3));
        }
    }

    [Fact]
    public async Task CallsFromManyThreadsDoTheirOwnPieces()
    {
        var threads = new WorkThreads(() => 3);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(caller => Task.Run(() =>
        {
            for (var call = 0; call < 50; call++)
            {
                using var team = threads.Enter();
                Assert.InRange(threads.Callers, 1, 3);
                for (var round = 0; round < 10; round++)
                {
                    var done = new int[17];
                    var numbers = new int[team.Threads];
                    team.Run(done.Length, (thread, item) =>
                    {
                        // Two threads of one number would use the same memory.
                        Assert.Equal(1, Interlocked.Increment(ref numbers[thread]));
                        Interlocked.Increment(ref done[item]);
                        Interlocked.Decrement(ref numbers[thread]);
                    });
                    Assert.All(done, count => Assert.Equal(1, count));
                }
            }
        })));
        using var alone = threads.Enter();
        Assert.Equal([0, 1, 2], Numbers(alone, 3));
    }

    [Fact]
    public void ADisposedTeamGivesItsThreadsBackOnceAndDoesNothing()
    {
        var threads = new WorkThreads(() => 2);
        var team = threads.Enter();
        team.Dispose();
        team.Dispose();
        Assert.Equal(0, threads.Callers);
        Assert.Throws<ObjectDisposedException>(() => team.Run(1, (_, _) => { }));
    }

    [Fact]
    public void WhatIsDoneCanBeCollected()
    {
        var threads = new WorkThreads(() => 2);
        using var team = threads.Enter();
        var used = Used(team);
        GC.Collect();
        Assert.False(used.IsAlive);

        static WeakReference Used(WorkTeam team)
        {
            var memory = new object();
            team.Run(10, (_, _) => GC.KeepAlive(memory));
            return new WeakReference(memory);
        }
    }

    /// <summary>The numbers of the threads that do as many pieces, each of which waits for the others.</summary>
    private static IEnumerable<int> Numbers(WorkTeam team, int threads)
    {
        using var meet = new Barrier(threads);
        var numbers = new ConcurrentBag<int>();
        team.Run(threads, (thread, _) =>
        {
            Assert.True(meet.SignalAndWait(Long));
            numbers.Add(thread);
        });
        return numbers.Order();
    }
}
