using System.Collections.Concurrent;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>Cancelled, failed and late calls, and disposal.</summary>
public sealed class RequestBatcherLifetimeTests : BatcherTest
{
    [Fact(Timeout = Minute)]
    public async Task ACancelledCallTakesNoPlace()
    {
        await using var batcher = Batcher(new(2, TimeSpan.Zero, 100, null));
        using var source = new CancellationTokenSource();
        var blocking = batcher.RunAsync([0], default);
        var batch = await Computation.NextAsync();
        var cancelled = batcher.RunAsync([1, 1, 1], source.Token);
        var others = new[] { 2, 3 }.Select(input => batcher.RunAsync([input], default)).ToArray();
        await source.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(source.Token, error.CancellationToken);
        batch.Finish();
        batch = await Computation.NextAsync();
        Assert.Equal([2, 3], batch.Inputs);
        batch.Finish();
        await GivesAsync(blocking, 0);
        Assert.Equal([[4], [6]], await Task.WhenAll(others));
    }

    [Fact(Timeout = Minute)]
    public async Task ACallThatIsCancelledWhileComputedLeavesOthersAlone()
    {
        await using var batcher = Batcher(new(2, Delay, 100, null));
        using var source = new CancellationTokenSource();
        var cancelled = batcher.RunAsync([1], source.Token);
        var other = batcher.RunAsync([2], default);
        var batch = await Computation.NextAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(batch.Stop.IsCancellationRequested);
        batch.Finish();
        await GivesAsync(other, 4);
    }

    [Fact(Timeout = Minute)]
    public async Task NothingMoreIsComputedForACallThatFailed()
    {
        await using var batcher = Batcher(new(2, TimeSpan.Zero, 100, null));
        var blocking = batcher.RunAsync([0], default);
        var batch = await Computation.NextAsync();
        var bad = batcher.RunAsync([1, 2, 3, 4, 5, 6], default);
        var good = batcher.RunAsync([7], default);
        batch.Finish();
        (await Computation.NextAsync()).Finish(bad: 1, new InvalidDataException());
        await Assert.ThrowsAsync<InvalidDataException>(() => bad);
        batch = await Computation.NextAsync();
        Assert.Equal([7], batch.Inputs);
        batch.Finish();
        await GivesAsync(good, 14);
        await blocking;
    }

    [Fact(Timeout = Minute)]
    public async Task ACallThatTakesTooLongFails()
    {
        await using var batcher = Batcher(new(2, TimeSpan.Zero, QueueCapacity: 1, RequestTimeout: TimeSpan.FromSeconds(3)));
        var computed = batcher.RunAsync([0], default);
        var batch = await Computation.NextAsync();
        var queued = batcher.RunAsync([1], default);
        var before = batcher.RunAsync([2], default);
        Time.Advance(TimeSpan.FromSeconds(2));
        var later = batcher.RunAsync([3], default);
        Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var call in new[] { computed, queued, before })
            Assert.Contains("00:00:03", (await Assert.ThrowsAsync<TimeoutException>(() => call)).Message);
        Assert.False(later.IsCompleted);
        batch.Finish();
        batch = await Computation.NextAsync();
        Assert.Equal([3], batch.Inputs);
        batch.Finish();
        await GivesAsync(later, 6);
    }

    [Fact(Timeout = Minute)]
    public async Task DisposalEndsWhatIsComputedAndFailsWhatWaits()
    {
        var batcher = Batcher(new(1, TimeSpan.Zero, QueueCapacity: 1, null));
        var computed = batcher.RunAsync([1], default);
        var batch = await Computation.NextAsync();
        var queued = batcher.RunAsync([2], default);
        var beforeQueue = batcher.RunAsync([3], default);
        var disposal = batcher.DisposeAsync().AsTask();
        Assert.True(batch.Stop.IsCancellationRequested);
        Assert.False(disposal.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => beforeQueue);
        batch.Finish();
        await disposal;
        await GivesAsync(computed, 2);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queued);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync([4], default));
        await batcher.DisposeAsync();
    }

    [Fact(Timeout = Minute)]
    public async Task DisposalLeavesNoExceptionThatNobodySaw()
    {
        var unseen = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unseen.Enqueue(e.Exception.InnerException!);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await DisposeUnderACallHalfQueuedAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
        Assert.DoesNotContain(unseen, error => error is ObjectDisposedException);
    }

    [Fact(Timeout = Minute)]
    public async Task DisposalFailsABatchThatStops()
    {
        var batcher = new RequestBatcher<int, int>(
            async (_, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                return [];
            },
            new(2, Delay, 100, null), Telemetry(), Time);
        var computed = batcher.RunAsync([1, 2], default);
        var waiting = batcher.RunAsync([3], default);
        await batcher.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => computed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    private async Task DisposeUnderACallHalfQueuedAsync()
    {
        var batcher = Batcher(new(1, TimeSpan.Zero, QueueCapacity: 1, null));
        var computed = batcher.RunAsync([1], default);
        var batch = await Computation.NextAsync();
        var halfQueued = batcher.RunAsync([2, 3], default);
        var disposal = batcher.DisposeAsync().AsTask();
        batch.Finish();
        await disposal;
        await computed;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => halfQueued);
    }
}
