namespace AltClip.Extensions;

/// <summary>Something that is opened at its first use, once for all who ask, and closed with the app's services.</summary>
/// <param name="owner">Who has it: disposed, it is what exceptions name.</param>
/// <param name="open">Opens it.</param>
/// <param name="close">Closes it.</param>
internal sealed class OpenedOnce<T>(object owner, Func<Task<T>> open, Func<T, ValueTask> close) : IDisposable, IAsyncDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private Task<T>? _opening;
    private Task _closed = Task.CompletedTask;
    private bool _disposed;

    /// <summary>It once it is open, else null.</summary>
    public T? Value
    {
        get => _opening is { IsCompletedSuccessfully: true } opened ? opened.Result : null;
        init => _opening = value is null ? null : Task.FromResult(value);
    }

    /// <summary>Whether opening has begun and not ended.</summary>
    public bool IsOpening => _opening is { IsCompleted: false };

    /// <summary>Whether the last try failed; the next call tries again.</summary>
    public bool HasFailed => _opening is { IsFaulted: true };

    /// <summary>Gives it, and opens it if nobody has yet. After a failure the next call tries again.</summary>
    /// <param name="cancellationToken">Stops waiting; opening goes on for others.</param>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, owner);
            if (_opening is null or { IsFaulted: true }) _opening = Task.Run(open, CancellationToken.None);
            return _opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes it, at once or, where it is being opened, when it is there.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            if (_opening is { } opening) _closed = CloseAsync(opening);
        }
    }

    /// <summary>Closes it, and waits for it where it is being opened.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return new(_closed);
    }

    private async Task CloseAsync(Task<T> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully) await close(opening.Result).ConfigureAwait(false);
    }
}
