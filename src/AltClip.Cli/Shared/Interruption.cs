using System.Runtime.InteropServices;

namespace AltClip.Cli;

/// <summary>
/// Ctrl-C, the SIGTERM of schedulers and the SIGHUP of a terminal that goes away, as a token: the job ends in order, keeping what it has, for
/// as long as that takes. A second Ctrl-C or SIGTERM ends the process at once.
/// </summary>
internal static class Interruption
{
    private static readonly CancellationTokenSource Source = new();

    // To the process's very end: between a job's end and that, a signal would else have its own exit code.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    private static bool _hidesCursor;
    private static int _requests;

    /// <summary>Takes the process's signals from now on.</summary>
    /// <param name="console">Where progress bars may be under way, which hide the cursor.</param>
    /// <returns>What the first signal cancels.</returns>
    public static CancellationToken Watch(CliConsole console)
    {
        _hidesCursor = console.Messages.Profile.Capabilities is { Ansi: true, Interactive: true };
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            Registrations.Add(PosixSignalRegistration.Create(signal, Stop));
        return Source.Token;
    }

    /// <summary>
    /// Ends the process at once if it was told to stop: a job that has ended for that may have left threads that compute, or wait for a network.
    /// </summary>
    public static void EndIfRequested(CliConsole console, ExitCode code)
    {
        if (!Source.IsCancellationRequested) return;
        foreach (var writer in new[] { console.Out, console.Error })
        {
            try
            {
                writer.Flush();
            }
            catch (IOException)
            {
                // Whoever read it has gone away.
            }
        }
        ProcessEnd.Now(code, _hidesCursor);
    }

    private static void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        // A terminal and its shell both send SIGHUP, and some send SIGTERM beside it: it is no one's second wish.
        if (context.Signal != PosixSignal.SIGHUP && Interlocked.Increment(ref _requests) > 1) ProcessEnd.Now(ExitCode.Cancelled, _hidesCursor);
        Source.Cancel();
    }
}
