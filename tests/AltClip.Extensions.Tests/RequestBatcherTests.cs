using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class RequestBatcherTests : BatcherTest
{
    [Fact(Timeout = Minute)]
    public async Task InputsOfSeveralCallersMakeOneBatch()
    {
        await using var batcher = Batcher(new(8, Delay, 100, null));
        var first = batcher.RunAsync([1, 2], default);
        var second = batcher.RunAsync([3], default);
        var batch = await Computation.NextAsync(() => Time.Advance(Delay));
        Assert.Equal([1, 2, 3], batch.Inputs);
        batch.Finish();
        await GivesAsync(first, 2, 4);
        await GivesAsync(second, 6);
    }

    [Fact(Timeout = Minute)]
    public async Task AFullBatchDoesNotWait()
    {
        await using var batcher = Batcher(new(2, Delay, 100, null));
        var call = batcher.RunAsync([1, 2, 3, 4], default);
        var batch = await Computation.NextAsync();
        Assert.Equal([1, 2], batch.Inputs);
        batch.Finish();
        batch = await Computation.NextAsync();
        Assert.Equal([3, 4], batch.Inputs);
        batch.Finish();
        await GivesAsync(call, 2, 4, 6, 8);
    }

    [Fact(Timeout = Minute)]
    public async Task WhatComesMeanwhileIsTheNextBatch()
    {
        await using var batcher = Batcher(new(8, TimeSpan.Zero, 100, null));
        var first = batcher.RunAsync([1], default);
        var batch = await Computation.NextAsync();
        var others = new[] { 2, 3, 4 }.Select(input => batcher.RunAsync([input], default)).ToArray();
        Assert.False(Computation.HasStarted);
        batch.Finish();
        batch = await Computation.NextAsync();
        Assert.Equal([2, 3, 4], batch.Inputs);
        batch.Finish();
        await GivesAsync(first, 2);
        Assert.Equal([[4], [6], [8]], await Task.WhenAll(others));
    }

    [Fact(Timeout = Minute)]
    public async Task InputsThatWaitedForAnEarlierBatchGoAtOnce()
    {
        await using var batcher = Batcher(new(2, Delay, 100, null));
        var first = batcher.RunAsync([1, 2], default);
        var batch = await Computation.NextAsync();
        var second = batcher.RunAsync([3], default);
        Time.Advance(Delay);
        batch.Finish();
        batch = await Computation.NextAsync();
        Assert.Equal([3], batch.Inputs);
        batch.Finish();
        await GivesAsync(first, 2, 4);
        await GivesAsync(second, 6);
    }

    [Fact(Timeout = Minute)]
    public async Task ABadInputFailsItsOwnCallAlone()
    {
        await using var batcher = Batcher(new(3, Delay, 100, null));
        var calls = new[] { 1, 2, 3 }.Select(input => batcher.RunAsync([input], default)).ToArray();
        var error = new InvalidDataException("bad");
        (await Computation.NextAsync()).Finish(bad: 2, error);
        await GivesAsync(calls[0], 2);
        Assert.Same(error, await Assert.ThrowsAsync<InvalidDataException>(() => calls[1]));
        await GivesAsync(calls[2], 6);
    }

    [Fact(Timeout = Minute)]
    public async Task ABatchThatThrowsIsHalvedUntilTheBadInputIsAlone()
    {
        List<int[]> tried = [];
        await using var batcher = new RequestBatcher<int, int>(
            (inputs, _) =>
            {
                tried.Add([.. inputs]);
                if (inputs.Contains(3)) throw new InvalidDataException("bad");
                return Task.FromResult<IReadOnlyList<BatchOutcome<int>>>([.. inputs.Select(input => new BatchOutcome<int>(2 * input))]);
            },
            new(4, Delay, 100, null), Telemetry(), Time);
        var calls = new[] { 1, 2, 3, 4 }.Select(input => batcher.RunAsync([input], default)).ToArray();
        await Assert.ThrowsAsync<InvalidDataException>(() => calls[2]);
        Assert.Equal([[2], [4], [8]], await Task.WhenAll(calls[0], calls[1], calls[3]));
        Assert.Equal([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]], tried);
        Assert.Equal(2, Log.Collector.GetSnapshot().Count(record => record.Id.Id == 5));
    }

    [Fact(Timeout = Minute)]
    public async Task CallersWaitWhileTheQueueIsFull()
    {
        await using var batcher = Batcher(new(2, TimeSpan.Zero, QueueCapacity: 2, null));
        using var length = new MetricCollector<int>(Meter, "altclip.queue.length");
        var blocking = batcher.RunAsync([0], default);
        var batch = await Computation.NextAsync();
        using var source = new CancellationTokenSource();
        var call = batcher.RunAsync([1, 2, 3, 4, 5], default);
        var cancelled = batcher.RunAsync([6], source.Token);
        Assert.Equal(2, length.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        batch.Finish();
        List<int> computed = [];
        while (!call.IsCompleted)
        {
            batch = await Computation.NextAsync();
            computed.AddRange(batch.Inputs);
            batch.Finish();
            if (computed.Count == 5) break;
        }
        await GivesAsync(call, 2, 4, 6, 8, 10);
        Assert.Equal([1, 2, 3, 4, 5], computed);
        await blocking;
    }

    [Fact(Timeout = Minute)]
    public async Task ManyCallersGetTheirOwnResultsInOrder()
    {
        const int most = 7;
        var largest = 0;
        await using var batcher = new RequestBatcher<int, int>(
            async (inputs, _) =>
            {
                await Task.Yield();
                largest = Math.Max(largest, inputs.Count);
                return [.. inputs.Select(input => new BatchOutcome<int>(2 * input))];
            },
            new(most, TimeSpan.FromMilliseconds(1), QueueCapacity: 16, null), Telemetry(), TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < 20; call++)
            {
                int[] inputs = [.. Enumerable.Range(1000 * caller + 30 * call, (caller + call) % 25)];
                Assert.Equal(inputs.Select(input => 2 * input), await batcher.RunAsync(inputs, default));
            }
        })));
        Assert.Equal(most, largest);
    }
}
