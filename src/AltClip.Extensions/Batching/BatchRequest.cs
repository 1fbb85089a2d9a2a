namespace AltClip.Extensions;

/// <summary>One caller's inputs, which may be spread over several batches.</summary>
internal sealed class BatchRequest<TResult>(int count)
{
    private readonly TResult[] _results = new TResult[count];
    private readonly TaskCompletionSource<TResult[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    /// <summary>Ends with all results in order, or as soon as one input fails.</summary>
    public Task<TResult[]> Task => _completion.Task;

    /// <summary>Whether nobody waits for what is left of it: it is complete, failed or cancelled.</summary>
    public bool IsDone => _completion.Task.IsCompleted;

    public void Complete(int index, TResult result)
    {
        _results[index] = result;
        if (Interlocked.Decrement(ref _missing) == 0) _completion.TrySetResult(_results);
    }

    public void Fail(Exception error) => _completion.TrySetException(error);

    public void Cancel(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}
