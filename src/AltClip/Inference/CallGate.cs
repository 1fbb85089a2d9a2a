namespace AltClip.Inference;

/// <summary>Frees what calls use once it is closed and the last of them has ended: under a call that computes, memory must not go away.</summary>
/// <param name="owner">What refuses calls once it is closed.</param>
/// <param name="free">Frees it, once.</param>
internal sealed class CallGate(object owner, Action free)
{
    private readonly Lock _gate = new();
    private int _calls;
    private bool _isClosed;

    /// <summary>Begins a call, which ends when what is returned is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Call Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, owner);
            _calls++;
        }
        return new Call(this);
    }

    /// <summary>Lets no more calls begin, and doesn't wait for those under way.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            if (_calls > 0) return;
        }
        free();
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_calls > 0 || !_isClosed) return;
        }
        free();
    }

    /// <summary>A call under way.</summary>
    public readonly struct Call(CallGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
