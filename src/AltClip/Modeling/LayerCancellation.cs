namespace AltClip.Modeling;

/// <summary>Has encoders look at a token between their layers on this thread, until it is disposed; backward passes aren't stopped.</summary>
internal sealed class LayerCancellation : IDisposable
{
    [ThreadStatic]
    private static CancellationToken _token;

    private readonly CancellationToken _before = _token;

    public LayerCancellation(CancellationToken token) => _token = token;

    public static void ThrowIfCancelled() => _token.ThrowIfCancellationRequested();

    public void Dispose() => _token = _before;
}
