using System.Runtime.InteropServices;

namespace AltClip.Cli;

/// <summary>
/// Ctrl-C, and the SIGTERM of schedulers, as a token: the job ends in order, keeping what it has, for as long as that takes. A second signal
/// ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) Environment.Exit((int)ExitCode.Cancelled);
        context.Cancel = true;
        _source.Cancel();
    }
}
