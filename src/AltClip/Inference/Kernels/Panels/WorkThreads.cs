using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// The threads that calls' teams are made of. Callers at work at the same time share them: together they run on as many threads as one
/// alone would, and no more callers than that are at work at once.
/// </summary>
/// <param name="count">How many threads a call that begins may run on, its own among them.</param>
internal sealed class WorkThreads(Func<int> count)
{
    private readonly object _gate = new();
    private readonly Stack<WorkThread> _free = new();
    private int _all, _held, _callers, _changes;

    /// <summary>Those of the process: as many as libtorch uses for the thread that calls, whenever a call begins.</summary>
    public static WorkThreads Shared { get; } = new(get_num_threads);

    /// <summary>How many calls are at work.</summary>
    public int Callers => Volatile.Read(ref _callers);

    /// <summary>Grows whenever a team may have too many threads, or could have more.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Waits until there is a thread for the caller, and makes it a team, which it disposes.</summary>
    public WorkTeam Enter()
    {
        var most = Math.Max(1, count());
        var team = new WorkTeam(this, most);
        lock (_gate)
        {
            while (_callers >= most) Monitor.Wait(_gate);
            _free.EnsureCapacity(most); // so that no call fails as it ends
            while (_all < most - 1)
            {
                _free.Push(new WorkThread(this));
                _all++;
            }
            Share(team, _callers + 1);
            Volatile.Write(ref _callers, _callers + 1);
            _changes++;
        }
        return team;
    }

    /// <summary>Ends a call.</summary>
    public void Leave(WorkTeam team)
    {
        lock (_gate)
        {
            Volatile.Write(ref _callers, _callers - 1);
            while (team.Others.Count > 0) Release(team);
            _changes++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes from a team the threads that are others' by now, or gives it what it may have. None of its own may have work.</summary>
    public int Share(WorkTeam team)
    {
        lock (_gate)
        {
            Share(team, _callers);
            return _changes;
        }
    }

    private void Share(WorkTeam team, int callers)
    {
        // Where the callers don't divide the threads, those that come first have one more.
        var (least, most) = (team.Threads / callers - 1, (team.Threads + callers - 1) / callers - 1);
        var others = team.Threads - callers;
        while (team.Others.Count > most || (team.Others.Count > least && _held > others))
        {
            Release(team);
            _changes++;
        }
        while (team.Others.Count < most && _held < others && _free.TryPop(out var thread))
        {
            thread.Team = team;
            team.Others.Add(thread);
            _held++;
        }
    }

    private void Release(WorkTeam team)
    {
        var thread = team.Others[^1];
        team.Others.RemoveAt(team.Others.Count - 1);
        thread.Team = null;
        _free.Push(thread);
        _held--;
    }
}
