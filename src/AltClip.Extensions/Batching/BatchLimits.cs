namespace AltClip.Extensions;

/// <summary>What <see cref="RequestBatcher{TInput, TResult}"/> keeps to.</summary>
/// <param name="MaxBatchSize">The most inputs of a batch.</param>
/// <param name="MaxDelay">The most time an input waits for others.</param>
/// <param name="QueueCapacity">The most inputs that wait.</param>
/// <param name="RequestTimeout">The most time a request takes.</param>
internal sealed record BatchLimits(int MaxBatchSize, TimeSpan MaxDelay, int QueueCapacity, TimeSpan? RequestTimeout)
{
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public static BatchLimits From(AltClipBatchingOptions options, int maxBatchSize)
    {
        if (options.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        return new BatchLimits(maxBatchSize, options.MaxDelay, options.QueueCapacity, options.RequestTimeout);
    }
}
