using System.Collections.Concurrent;

namespace AltClip.Training.Data;

/// <summary>Threads that make consecutive batches ahead of who takes them: one says which, the others make them.</summary>
internal sealed class Prefetcher<TExample, TBatch> : IDisposable
    where TBatch : class, IDisposable
{
    private readonly BatchPlan<TExample> _plan;
    private readonly Func<ExampleBatch<TExample>, CancellationToken, TBatch> _collate;
    private readonly BatchLoaderOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room;
    private readonly BlockingCollection<TaskCompletionSource<TBatch>> _inOrder = [];
    private readonly BlockingCollection<(PlannedBatch<TExample> Batch, TaskCompletionSource<TBatch> Result)> _work = [];
    private readonly Thread[] _threads;
    private TaskCompletionSource<TBatch>? _current;

    public Prefetcher(
        BatchPlan<TExample> plan, Func<ExampleBatch<TExample>, CancellationToken, TBatch> collate, BatchLoaderOptions options, long first)
    {
        (_plan, _collate, _options, Next) = (plan, collate, options, first);
        _room = new SemaphoreSlim(options.Prefetch);
        _threads = [NewThread(() => Plan(first)), .. Enumerable.Range(0, options.Workers).Select(_ => NewThread(Work))];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>The number of the batch that is taken next.</summary>
    public long Next { get; private set; }

    public TBatch Take(CancellationToken cancellationToken)
    {
        // Kept until it is done, so that who cancels can come back for it.
        _current ??= _inOrder.Take(cancellationToken);
        var batch = _current.Task;
        try
        {
            batch.Wait(cancellationToken);
        }
        catch (AggregateException)
        {
            // Thrown as it is below.
        }
        _current = null;
        Next++;
        _room.Release();
        return batch.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var thread in _threads) thread.Join();
        foreach (var made in _inOrder.Append(_current).OfType<TaskCompletionSource<TBatch>>().Select(made => made.Task))
        {
            if (made.IsCompletedSuccessfully) made.Result.Dispose();
            _ = made.Exception;
        }
        _inOrder.Dispose();
        _work.Dispose();
        _room.Dispose();
        _stop.Dispose();
    }

    private static Thread NewThread(Action action) => new(() => action()) { IsBackground = true, Name = "AltClip data loader" };

    private void Plan(long first)
    {
        try
        {
            foreach (var batch in _plan.From(first))
            {
                _room.Wait(_stop.Token);
                var result = new TaskCompletionSource<TBatch>();
                _inOrder.Add(result);
                _work.Add((batch, result));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            var failed = new TaskCompletionSource<TBatch>();
            failed.SetException(error);
            _inOrder.Add(failed);
        }
    }

    private void Work()
    {
        try
        {
            foreach (var (batch, result) in _work.GetConsumingEnumerable(_stop.Token)) Make(batch, result);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Make(PlannedBatch<TExample> batch, TaskCompletionSource<TBatch> result)
    {
        try
        {
            var values = _plan.Values(batch);
            result.SetResult(_collate(
                new(batch.Number, [.. values.Select((value, i) => new Example<TExample>(value, _options.Seed, batch.Epoch, batch.Indices[i]))]),
                _stop.Token));
        }
        catch (Exception error)
        {
            result.SetException(error);
        }
    }
}
