using AltClip.Tests;
using AltClip.Training.Data;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class BatchLoaderTests
{
    private static readonly int[] Numbers = [.. Enumerable.Range(0, 23)];

    private static BatchLoaderOptions Options => new() { BatchSize = 4, Seed = 5 };

    public static TheoryData<bool, bool, int> Ways =>
        new(from list in new[] { true, false } from dropLast in new[] { true, false } from workers in new[] { 1, 3 } select (list, dropLast, workers));

    [Theory]
    [MemberData(nameof(Ways))]
    public void EpochsHaveEachExampleOnceAndOrdersOfTheirOwn(bool list, bool dropLast, int workers)
    {
        using var loader = Loader(Source(list), Options with { DropLast = dropLast, Workers = workers });
        var perEpoch = dropLast ? 5 : 6;
        Assert.Equal(list ? perEpoch : null, loader.BatchesPerEpoch);
        var batches = Take(loader, 0, 3 * perEpoch);
        var epochs = batches.Chunk(perEpoch).Select(epoch => epoch.SelectMany(batch => batch).ToList()).ToList();
        Assert.All(epochs, epoch => Assert.Equal(dropLast ? 20 : 23, epoch.Distinct().Count()));
        Assert.All(batches.Chunk(perEpoch), epoch => Assert.All(epoch[..5], batch => Assert.Equal(4, batch.Length)));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        Assert.NotEqual(epochs[0].Order(), epochs[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABatchIsTheSameWhereverOneBeginsAndHoweverManyThreads(bool list)
    {
        using var whole = Loader(Source(list), Options);
        var expected = Take(whole, 0, 17);
        using var resumed = Loader(Source(list), Options with { Workers = 4, Prefetch = 7 });
        Assert.Equal(expected[8..], Take(resumed, 8, 9));
        Assert.Equal(expected[3..5], Take(resumed, 3, 2));
        using var other = Loader(Source(list), Options with { Seed = 6 });
        Assert.NotEqual(expected, Take(other, 0, 17));
    }

    [Fact]
    public void WithoutShufflingExamplesComeInTheirOrder()
    {
        using var loader = Loader(Numbers, Options with { Shuffle = false, DropLast = false });
        Assert.Equal([20, 21, 22], Take(loader, 5, 1)[0]);
        Assert.Equal([0, 1, 2, 3], Take(loader, 6, 1)[0]);
    }

    [Fact]
    public void TwoShardsAreShardsToo()
    {
        using var loader = Loader(new Shards(2), new() { BatchSize = 10, ShuffleBuffer = 10 });
        Assert.All(Take(loader, 0, 6), batch => Assert.Single(batch.Select(number => number / 10).Distinct()));
    }

    [Fact]
    public void ShardsAreMixedAsAWhole()
    {
        using var loader = Loader(new Shards(10), new() { BatchSize = 10, ShuffleBuffer = 15 });
        var order = Take(loader, 0, 10).SelectMany(batch => batch).ToList();
        Assert.Equal(Enumerable.Range(0, 100), order.Order());
        // Two shards of ten at a time, which lie anywhere.
        Assert.All(order.Chunk(20), part => Assert.Equal(2, part.Select(number => number / 10).Distinct().Count()));
        Assert.NotEqual(order.Select(number => number / 10), order.Select(number => number / 10).Order());
    }

    /// <summary>A run goes on with the batches that an earlier version of the library would have given it.</summary>
    [Fact]
    public void OrdersStayWhatTheyWere()
    {
        Assert.Equal(
            [
                "7 16 1 13; 17 12 8 22; 16 21 0 10",
                "16 19 20 21; 22 13 18; 2 3 1 6",
                "97 91; 48 95; 45 41",
            ],
            [
                Orders(Numbers, new() { BatchSize = 4, Seed = 5 }),
                Orders(Source(list: false), new() { BatchSize = 4, Seed = 5, ShuffleBuffer = 3, DropLast = false }),
                Orders(new Shards(10), new() { BatchSize = 2, Seed = 5, ShuffleBuffer = 20 }, first: 20),
            ]);

        static string Orders(IEnumerable<int> examples, BatchLoaderOptions options, int first = 4)
        {
            using var loader = Loader(examples, options);
            return string.Join("; ", Take(loader, first, 3).Select(batch => string.Join(' ', batch)));
        }
    }

    [Fact]
    public void RandomNumbersAreAnExamplesOwn()
    {
        int[] Drawn(int workers)
        {
            using var loader = new BatchLoader<int, Batch>(
                Numbers, (batch, _) => new([.. batch.Examples.Select(example => example.Random(1).Next())]), Options with { Workers = workers, Prefetch = 4 });
            return [.. Take(loader, 0, 12).SelectMany(batch => batch)];
        }
        Assert.Equal(Drawn(1), Drawn(3));
        Assert.Equal(48, Drawn(1).Distinct().Count());
    }

    [Fact]
    public void OnlyAFewBatchesAreMadeAhead()
    {
        var (taken, furthest) = (-1L, -1L);
        Batch Make(ExampleBatch<int> batch, CancellationToken stop)
        {
            // -1 is taken before the first; with it, three batches are ahead.
            Interlocked.Exchange(ref furthest, Math.Max(Interlocked.Read(ref furthest), batch.Number - Interlocked.Read(ref taken)));
            return new([(int)batch.Number]);
        }
        using var loader = new BatchLoader<int, Batch>(Numbers, Make, Options with { Prefetch = 3, Workers = 1 });
        for (var number = 0L; number < 8; number++)
        {
            loader.Get(number).Dispose();
            Interlocked.Exchange(ref taken, number);
            SpinWait.SpinUntil(() => Interlocked.Read(ref furthest) >= 3, TimeSpan.FromSeconds(30));
        }
        Assert.InRange(furthest, 3, 4);
    }

    [Fact]
    public void AnErrorComesWithItsBatchAndCanBeTriedAgain()
    {
        var broken = true;
        using var loader = new BatchLoader<int, Batch>(Numbers,
            (batch, _) => batch.Number == 2 && broken ? throw new InvalidDataException("the third") : new([(int)batch.Number]), Options);
        Assert.Equal([[0], [1]], Take(loader, 0, 2));
        Assert.Equal("the third", Assert.Throws<InvalidDataException>(() => loader.Get(2)).Message);
        Assert.Throws<InvalidDataException>(() => loader.Get(2));
        broken = false;
        Assert.Equal([[2], [3]], Take(loader, 2, 2));
    }

    [Fact]
    public void AnErrorOfTheSequenceComesThrough()
    {
        static IEnumerable<int> Failing()
        {
            for (var i = 0; i < 10; i++) yield return i;
            throw new IOException("unplugged");
        }
        using var loader = Loader(Failing(), Options with { Shuffle = false });
        Assert.Equal([0, 1, 2, 3], Take(loader, 0, 1)[0]);
        loader.Get(1).Dispose();
        Assert.Equal("unplugged", Assert.Throws<IOException>(() => loader.Get(2)).Message);
        Assert.Throws<IOException>(() => loader.Get(3));
        Assert.Equal([0, 1, 2, 3], Take(loader, 0, 1)[0]);
    }

    [Fact]
    public void EmptyAndTooSmallSetsAreRefused()
    {
        Assert.Contains("empty", Assert.Throws<DataSetException>(() => Loader(Array.Empty<int>(), Options)).Message);
        Assert.Contains("fewer than a batch of 24", Assert.Throws<DataSetException>(() => Loader(Numbers, Options with { BatchSize = 24 })).Message);
        using var empty = Loader(Numbers.Where(_ => false), Options);
        Assert.Contains("empty", Assert.Throws<DataSetException>(() => empty.Get(0)).Message);
        using var small = Loader(Source(list: false), Options with { BatchSize = 24 });
        Assert.Contains("fewer than a batch of 24", Assert.Throws<DataSetException>(() => small.Get(0)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { Prefetch = 1, Workers = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { BatchSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { ShuffleBuffer = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { Workers = 0, Prefetch = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { WorldSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { Rank = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader(Numbers, Options with { Rank = 2, WorldSize = 2 }));
        Assert.Throws<ArgumentException>(() => Loader(Numbers, Options with { WorldSize = 2, DropLast = false }));
    }

    [Fact]
    public void WhatIsNotSetIsWhatTheDocumentationSays()
    {
        var options = new BatchLoaderOptions { BatchSize = 4 };
        Assert.Equal((4096, true, true), (options.ShuffleBuffer, options.Shuffle, options.DropLast));
        Assert.Equal((1, 3, 0, 1), (options.Workers, options.Prefetch, options.Rank, options.WorldSize));
    }

    [Fact]
    public void WaitingCanBeCancelledAndTheBatchStillComes()
    {
        using var gate = new ManualResetEventSlim();
        using var loader = new BatchLoader<int, Batch>(Numbers, (batch, stop) =>
        {
            gate.Wait(stop);
            return new([(int)batch.Number]);
        }, Options);
        using var cancel = new CancellationTokenSource(20);
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Get(0, cancel.Token));
        gate.Set();
        Assert.Equal([[0], [1]], Take(loader, 0, 2));
    }

    [Fact]
    public void DisposingStopsTheThreadsAndFreesWhatNobodyTook()
    {
        var alive = 0;
        var loader = new BatchLoader<int, Batch>(Numbers, (_, _) =>
        {
            Interlocked.Increment(ref alive);
            return new([], () => Interlocked.Decrement(ref alive));
        }, Options with { Workers = 2, Prefetch = 4 });
        var taken = loader.Get(0);
        loader.Dispose();
        Assert.Equal(1, alive);
        taken.Dispose();
        Assert.Equal(0, alive);
        Assert.Throws<ObjectDisposedException>(() => loader.Get(1));
    }

    /// <summary>Such as that of a program that ends by an error, which nobody catches.</summary>
    [Fact(Timeout = 60_000)]
    public Task ALoaderThatNobodyDisposesKeepsNoProcessAlive() => ProgramProcess.RunAsync(
        typeof(BatchLoaderTests).Assembly.GetName().Name!, ["-explicit", "only", "-method", $"{typeof(BatchLoaderTests).FullName}.{nameof(LeaveALoader)}"]);

    /// <summary>What that process does.</summary>
    [Fact(Explicit = true)]
    public void LeaveALoader()
    {
        var loader = Loader(Numbers, Options with { Workers = 2, Prefetch = 2 });
        loader.Get(0).Dispose();
    }

    private static IEnumerable<int> Source(bool list) => list ? Numbers : Numbers.Where(_ => true);

    private static BatchLoader<int, Batch> Loader(IEnumerable<int> examples, BatchLoaderOptions options) =>
        new(examples, (batch, _) => new([.. batch.Examples.Select(example => example.Value)]), options);

    private static List<int[]> Take(BatchLoader<int, Batch> loader, long first, int count)
    {
        var taken = new List<int[]>();
        for (var n = first; n < first + count; n++)
        {
            using var batch = loader.Get(n);
            taken.Add(batch.Values);
        }
        return taken;
    }

    private sealed class Batch(int[] values, Action? disposed = null) : IDisposable
    {
        public int[] Values { get; } = values;

        public void Dispose() => disposed?.Invoke();
    }

    private sealed class Shards(int count) : IReadOnlyList<int>, IShards
    {
        public IReadOnlyList<int> ShardSizes { get; } = [.. Enumerable.Repeat(10, count)];

        public int Count => 10 * count;

        public int this[int index] => index;

        public IEnumerator<int> GetEnumerator() => Enumerable.Range(0, Count).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
