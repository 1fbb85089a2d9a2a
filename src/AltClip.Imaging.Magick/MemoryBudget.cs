namespace AltClip.Imaging.Magick;

/// <summary>The memory that pictures decoded at a time share: who finds no room waits for others to be done.</summary>
internal sealed class MemoryBudget(long size)
{
    private readonly object _gate = new();
    private long _taken;

    /// <summary>Takes a part of the memory until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">It is more than there is altogether.</exception>
    public IDisposable Take(long bytes)
    {
        if (bytes > size)
            throw new InvalidOperationException($"decoding takes {bytes} bytes, more than the limit of {size}.");
        lock (_gate)
        {
            while (_taken + bytes > size)
                Monitor.Wait(_gate);
            _taken += bytes;
        }
        return new Part(this, bytes);
    }

    private void Return(long bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed class Part(MemoryBudget budget, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        public void Dispose() => budget.Return(Interlocked.Exchange(ref _bytes, 0));
    }
}
