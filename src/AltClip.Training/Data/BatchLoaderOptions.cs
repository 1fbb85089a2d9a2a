namespace AltClip.Training.Data;

/// <summary>How a <see cref="BatchLoader{TExample, TBatch}"/> makes batches.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>The examples of a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>What everything random follows from: the order, the captions chosen, the augmentations.</summary>
    public long Seed { get; init; }

    /// <summary>Whether each epoch has an order of its own; if not, examples come in their own order.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>
    /// How many examples at least are mixed with each other where not all can be: of an <see cref="IEnumerable{T}"/>, this many are held to
    /// choose
    /// from; of shards, as many whole ones, which come in random order too, as have this many examples. Other lists are mixed as a whole.
    /// </summary>
    public int ShuffleBuffer { get; init; } = 4096;

    /// <summary>Whether the examples that are left at the end of an epoch, fewer than a batch, are left out.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>
    /// The threads that prepare batches, one batch each at a time. One is enough as long as it makes batches faster than the model takes
    /// them;
    /// torch's own threads use all processors.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>The most batches that are ready or being made; at least as many as <see cref="Workers"/>.</summary>
    public int Prefetch { get; init; } = 3;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ShuffleBuffer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Prefetch, Workers);
    }
}
