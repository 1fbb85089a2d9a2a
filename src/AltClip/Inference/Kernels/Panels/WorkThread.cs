namespace AltClip.Inference.Kernels.Panels;

/// <summary>A thread of <see cref="WorkThreads"/>. While work comes quickly it waits for it without sleeping.</summary>
internal sealed class WorkThread
{
    private const int SpinsBeforeSleep = 1000;

    private readonly WorkThreads _threads;
    private WorkJob? _job;
    private WorkTeam? _team;
    private int _number;
    private int _asleep;

    public WorkThread(WorkThreads threads)
    {
        _threads = threads;
        new Thread(Work) { IsBackground = true, Name = "AltClip" }.Start();
    }

    /// <summary>The team it is in; null if in none.</summary>
    public WorkTeam? Team
    {
        get => Volatile.Read(ref _team);
        set => Volatile.Write(ref _team, value);
    }

    private SemaphoreSlim Wake { get; } = new(0);

    /// <summary>Lets it share a job, under a number in its team. The job that it had must be finished.</summary>
    public void Give(WorkJob job, int number)
    {
        // In this order: whoever sees the job sees its number. Late for the last job, it may see the next's number, and finds nothing left to do.
        _number = number;
        Volatile.Write(ref _job, job);
        if (Interlocked.Exchange(ref _asleep, 0) == 1) Wake.Release();
    }

    private void Work()
    {
        WorkJob? last = null;
        for (var spins = 0; ; spins++)
        {
            var job = Volatile.Read(ref _job);
            if (job != last)
            {
                job!.Share(_number);
                last = job;
                spins = 0;
            }
            else if (spins < SpinsBeforeSleep && (Team is not null || _threads.Callers == 0))
            {
                Thread.SpinWait(10);
            }
            else
            {
                Interlocked.Exchange(ref _asleep, 1);
                // If there is work by now, whoever brought it may not have seen that this one sleeps.
                if (Volatile.Read(ref _job) == last || Interlocked.Exchange(ref _asleep, 0) == 0) Wake.Wait();
                spins = 0;
            }
        }
    }
}
