namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// The threads of one call, which share small pieces of work without the microseconds that <see cref="Parallel"/> takes to begin and end. It is
/// used by the thread that entered alone, and disposed when the call ends.
/// </summary>
internal sealed class WorkTeam(WorkThreads threads, int most) : IDisposable
{
    private int _changes = -1;
    private bool _isDisposed;

    /// <summary>As many threads as it may ever have, the caller's among them. Their numbers are below.</summary>
    public int Threads => most;

    /// <summary>Those that it has at the moment beside the caller's.</summary>
    public List<WorkThread> Others { get; } = new(most);

    /// <summary>A team of the process's threads: see <see cref="WorkThreads.Enter"/>.</summary>
    public static WorkTeam Enter() => WorkThreads.Shared.Enter();

    /// <summary>Does the pieces 0 to <paramref name="items"/> - 1 and returns when all are done.</summary>
    /// <param name="items">How many pieces there are.</param>
    /// <param name="body">
    /// Does one, given the number of the thread and that of the piece. What it throws first is thrown here, once no thread is at work any more.
    /// </param>
    public void Run(int items, Action<int, int> body)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_changes != threads.Changes) _changes = threads.Share(this);
        var job = new WorkJob(items, body);
        for (var i = 0; i < Others.Count; i++) Others[i].Give(job, i + 1);
        job.Share(0);
        job.Finish();
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        threads.Leave(this);
    }
}
