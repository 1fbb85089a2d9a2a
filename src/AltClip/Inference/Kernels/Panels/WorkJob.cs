using System.Runtime.ExceptionServices;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>Pieces of work that threads take one after the other. One that comes late to it finds nothing left.</summary>
/// <param name="items">How many pieces there are.</param>
/// <param name="body">Does one, given the number of the thread in its team and that of the piece.</param>
internal sealed class WorkJob(int items, Action<int, int> body)
{
    private Action<int, int>? _body = body;
    private Exception? _failure;
    private int _next = -1;
    private int _done;

    /// <summary>Does pieces until none is left. What a piece throws is kept: thrown on a thread of the team it would end the process.</summary>
    public void Share(int thread)
    {
        for (int item; (item = Interlocked.Increment(ref _next)) < items;)
        {
            // After a failure the rest is only counted.
            if (Volatile.Read(ref _failure) is null)
            {
                try
                {
                    _body!(thread, item);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref _failure, e, null);
                }
            }
            Interlocked.Increment(ref _done);
        }
    }

    /// <summary>Waits for the pieces that other threads took, whose memory is in use until then, and throws what the first to fail threw.</summary>
    public void Finish()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref _done) != items) wait.SpinOnce(sleep1Threshold: -1);
        _body = null; // threads keep their last job, and with it all that the body knows
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }
}
