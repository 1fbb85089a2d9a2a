namespace AltClip.Tests;

/// <summary>
/// A thread that collects garbage and waits for its finalizers, over and over until it is disposed: what libtorch still reads of an object that
/// nothing holds is freed under it before long.
/// </summary>
internal sealed class CollectingThread : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;

    public CollectingThread()
    {
        _thread = new Thread(Collect) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }

    private void Collect()
    {
        while (!_end.IsCancellationRequested)
        {
            // The youngest are enough, and take the least time.
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    }
}
