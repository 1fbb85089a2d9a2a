namespace AltClip.Extensions;

/// <summary>How the inputs of calls that come at the same time are joined to batches.</summary>
public sealed class AltClipBatchingOptions
{
    /// <summary>
    /// The most time that an input waits for others to fill its batch; zero for none. A batch that is full goes at once, and so do inputs
    /// that have already waited this long for an earlier batch. Default: 5 ms.
    /// </summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The most inputs that wait; calls that bring more go on when there is room again. Default: 1024.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>
    /// The most time that a call takes once the model is loaded, waiting included; then it fails with a <see cref="TimeoutException"/> and
    /// what is left of it is not computed. Null, the default, for no limit.
    /// </summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>What is out of range, for people to read.</summary>
    internal IEnumerable<string> Problems()
    {
        if (MaxDelay < TimeSpan.Zero || MaxDelay > TimeSpan.FromMinutes(1))
            yield return $"{nameof(MaxDelay)} is {MaxDelay}; expected 0 to 1 minute.";
        if (QueueCapacity < 1)
            yield return $"{nameof(QueueCapacity)} is {QueueCapacity}; expected at least 1.";
        if (RequestTimeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > TimeSpan.FromDays(1)))
            yield return $"{nameof(RequestTimeout)} is {timeout}; expected more than 0, up to a day.";
    }
}
