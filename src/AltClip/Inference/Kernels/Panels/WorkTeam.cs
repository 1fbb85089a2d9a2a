using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// Threads that share small pieces of work without the microseconds that <see cref="Parallel"/> takes to begin and end: while work comes
/// quickly they wait for it without sleeping. One call at a time has the team.
/// </summary>
internal sealed class WorkTeam
{
    private const int SpinsBeforeSleep = 1000;

    private readonly Lock _one = new();
    private readonly Worker[] _workers;
    private Job _job = new(0, static (_, _) => { });

    private WorkTeam(int threads)
    {
        _workers = new Worker[threads - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var worker = _workers[i] = new Worker(i + 1);
            new Thread(() => Work(worker)) { IsBackground = true, Name = "AltClip" }.Start();
        }
    }

    /// <summary>As many threads as libtorch uses.</summary>
    public static WorkTeam Shared => LazyShared.Value;

    public int Threads => _workers.Length + 1;

    private static Lazy<WorkTeam> LazyShared { get; } = new(() => new WorkTeam(get_num_threads()));

    /// <summary>Has the team alone until the result is disposed.</summary>
    public Lock.Scope Enter() => _one.EnterScope();

    /// <summary>Does the pieces 0 to <paramref name="items"/> - 1 and returns when all are done.</summary>
    /// <param name="items">How many pieces there are.</param>
    /// <param name="body">Does one, given the number of the thread and that of the piece. It must not throw.</param>
    public void Run(int items, Action<int, int> body)
    {
        var job = new Job(items, body);
        Volatile.Write(ref _job, job);
        foreach (var worker in _workers)
        {
            if (Interlocked.Exchange(ref worker.Asleep, 0) == 1) worker.Wake.Release();
        }
        job.Share(0);
        var wait = new SpinWait();
        while (!job.Done) wait.SpinOnce(sleep1Threshold: -1);
    }

    private void Work(Worker worker)
    {
        Job? last = null;
        for (var spins = 0; ; spins++)
        {
            var job = Volatile.Read(ref _job);
            if (job != last)
            {
                job.Share(worker.Number);
                last = job;
                spins = 0;
            }
            else if (spins < SpinsBeforeSleep)
            {
                Thread.SpinWait(10);
            }
            else
            {
                Interlocked.Exchange(ref worker.Asleep, 1);
                // If there is work by now, whoever brought it may not have seen that this one sleeps.
                if (Volatile.Read(ref _job) == last || Interlocked.Exchange(ref worker.Asleep, 0) == 0) worker.Wake.Wait();
                spins = 0;
            }
        }
    }

    private sealed class Worker(int number)
    {
        public int Asleep;

        public int Number => number;

        public SemaphoreSlim Wake { get; } = new(0);
    }

    /// <summary>A thread that comes late to a job finds nothing left of it.</summary>
    private sealed class Job(int items, Action<int, int> body)
    {
        private int _next = -1;
        private int _done;

        public bool Done => Volatile.Read(ref _done) == items;

        public void Share(int thread)
        {
            for (int item; (item = Interlocked.Increment(ref _next)) < items;)
            {
                body(thread, item);
                Interlocked.Increment(ref _done);
            }
        }
    }
}
