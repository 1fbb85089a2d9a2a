using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace AltClip.Extensions;

/// <summary>Computes the inputs of a batch: an outcome for each, in their order; an exception is about the batch as a whole.</summary>
internal delegate Task<IReadOnlyList<BatchOutcome<TResult>>> ComputeBatch<TInput, TResult>(
    IReadOnlyList<TInput> inputs, CancellationToken cancellationToken);

/// <summary>
/// Joins the inputs of concurrent requests to batches, in the order they came. One batch is computed at a time; what comes meanwhile
/// makes up the next.
/// </summary>
/// <remarks>
/// A request that is cancelled or failed takes no more place in batches. One that brings more than the queue has room for waits, so that
/// callers are slowed down and memory stays bounded.
/// </remarks>
internal sealed class RequestBatcher<TInput, TResult> : IAsyncDisposable
{
    private readonly ComputeBatch<TInput, TResult> _compute;
    private readonly BatchLimits _limits;
    private readonly BatchTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Channel<BatchItem<TInput, TResult>> _queue;
    private readonly List<BatchItem<TInput, TResult>> _batch = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _worker;

    public RequestBatcher(ComputeBatch<TInput, TResult> compute, BatchLimits limits, BatchTelemetry telemetry, TimeProvider time)
    {
        (_compute, _limits, _telemetry, _time) = (compute, limits, telemetry, time);
        _queue = Channel.CreateBounded<BatchItem<TInput, TResult>>(new BoundedChannelOptions(limits.QueueCapacity) { SingleReader = true });
        // The worker serves all callers: it must not run in the span of the one who happens to make it.
        using (ExecutionContext.SuppressFlow()) _worker = Task.Run(WorkAsync);
    }

    /// <summary>Computes inputs together with those of other callers.</summary>
    /// <returns>The results, in the order of the inputs.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled. Other callers don't notice.</exception>
    /// <exception cref="TimeoutException">It took longer than the limits allow.</exception>
    /// <exception cref="ObjectDisposedException">The batcher is disposed, or was before the results were there.</exception>
    public async Task<TResult[]> RunAsync(IReadOnlyList<TInput> inputs, CancellationToken cancellationToken)
    {
        if (inputs.Count == 0) return [];
        using var timeout = new CancellationTokenSource(_limits.RequestTimeout ?? Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var request = new BatchRequest<TResult>(inputs.Count);
        using var registration = either.Token.UnsafeRegister(_ => request.Cancel(either.Token), null);
        try
        {
            await EnqueueAsync(inputs, request, either.Token).ConfigureAwait(false);
            return await request.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"The call was not done within {_limits.RequestTimeout}.");
        }
        catch (ChannelClosedException)
        {
            // Awaited, since what is already queued of it fails as well, and an exception that nobody sees would be reported as forgotten.
            request.Fail(Disposed());
            return await request.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the batch that is being computed, which is told to stop; what is not computed fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _worker.ConfigureAwait(false);
    }

    private async Task EnqueueAsync(IReadOnlyList<TInput> inputs, BatchRequest<TResult> request, CancellationToken cancellationToken)
    {
        var caller = Activity.Current?.Context ?? default;
        for (var i = 0; i < inputs.Count && !request.IsDone; i++)
        {
            var item = new BatchItem<TInput, TResult>(inputs[i], request, i, _time.GetTimestamp(), caller);
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
            _telemetry.Queued();
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                await CollectAsync().ConfigureAwait(false);
                foreach (var item in _batch) _telemetry.Waited(_time.GetElapsedTime(item.Queued));
                await ComputeAsync(_batch).ConfigureAwait(false);
                _batch.Clear();
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Whatever the interrupted batch said of it, its inputs are failed below.
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (TryDequeue(out var left)) _batch.Add(left);
            foreach (var item in _batch) item.Request.Fail(Disposed());
        }
    }

    /// <summary>Fills the batch until it is full or its first input has waited long enough.</summary>
    private async Task CollectAsync()
    {
        while (_batch.Count < _limits.MaxBatchSize)
        {
            if (TryDequeue(out var item))
            {
                if (!item.Request.IsDone) _batch.Add(item);
                continue;
            }
            if (_batch.Count == 0) return;
            var left = _limits.MaxDelay - _time.GetElapsedTime(_batch[0].Queued);
            if (left <= TimeSpan.Zero || !await HasMoreWithinAsync(left).ConfigureAwait(false)) return;
        }
    }

    private async Task<bool> HasMoreWithinAsync(TimeSpan time)
    {
        using var timer = new CancellationTokenSource(time, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stop.Token);
        var waiting = _queue.Reader.WaitToReadAsync(either.Token).AsTask();
        // That nobody came in time is no exception.
        await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Token.ThrowIfCancellationRequested();
        return waiting.IsCompletedSuccessfully && await waiting.ConfigureAwait(false);
    }

    private async Task ComputeAsync(IReadOnlyList<BatchItem<TInput, TResult>> items)
    {
        items = [.. items.Where(item => !item.Request.IsDone)];
        if (items.Count == 0) return;
        var started = _time.GetTimestamp();
        using var activity = _telemetry.Start(items.Select(item => item.Caller), items.Count);
        try
        {
            var outcomes = await _compute([.. items.Select(item => item.Input)], _stop.Token).ConfigureAwait(false);
            foreach (var (item, outcome) in items.Zip(outcomes)) Settle(item, outcome);
            _telemetry.Computed(activity, items.Count, _time.GetElapsedTime(started));
            return;
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            _telemetry.Failed(activity, e, items.Count);
            if (items.Count == 1)
            {
                items[0].Request.Fail(e);
                return;
            }
        }
        // One input may have spoilt it for the others, or there were too many for the device's memory.
        await ComputeAsync([.. items.Take(items.Count / 2)]).ConfigureAwait(false);
        await ComputeAsync([.. items.Skip(items.Count / 2)]).ConfigureAwait(false);
    }

    private static void Settle(BatchItem<TInput, TResult> item, BatchOutcome<TResult> outcome)
    {
        if (outcome.Error is null) item.Request.Complete(item.Index, outcome.Result!);
        else item.Request.Fail(outcome.Error);
    }

    private bool TryDequeue([MaybeNullWhen(false)] out BatchItem<TInput, TResult> item)
    {
        if (!_queue.Reader.TryRead(out item)) return false;
        _telemetry.Dequeued();
        return true;
    }

    private static ObjectDisposedException Disposed() =>
        new(objectName: null, "The embedding generator was disposed before the inputs were computed.");
}
