using System.Runtime.ExceptionServices;

namespace AltClip.Hub;

/// <summary>Counts failures, and waits longer after each.</summary>
internal sealed class HubBackOff(HubOptions options, int retries)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(8);

    // A server that asks for more than this is as good as unreachable.
    private static readonly TimeSpan LongestAskedWait = TimeSpan.FromMinutes(5);

    private int _failures;

    /// <summary>Forgets the failures so far, because something worked.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Waits before the next attempt, or throws the failure where another one is of no use.</summary>
    public async Task WaitAsync(HubException failure, CancellationToken cancellationToken)
    {
        if (!failure.IsTransient || _failures >= retries || failure.RetryAfter > LongestAskedWait) ExceptionDispatchInfo.Throw(failure);
        var wait = failure.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, Math.Pow(2, _failures)));
        _failures++;
        options.Retrying?.Report(new HubRetry(failure, _failures, retries, wait));
        await options.Delay(wait, cancellationToken);
    }
}
