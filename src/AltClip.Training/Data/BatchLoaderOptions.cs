namespace AltClip.Training.Data;

/// <summary>How a <see cref="BatchLoader{TExample, TBatch}"/> makes batches.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>The examples of a batch, of each process where several train together.</summary>
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

    /// <summary>The number of this process where several train together, from 0.</summary>
    public int Rank { get; init; }

    /// <summary>
    /// How many processes train together. Batch n of all of them together is that which one process would have with a <see cref="BatchSize"/>
    /// so many times as large; each gets a part of its own, and all as many.
    /// </summary>
    public int WorldSize { get; init; } = 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, WorldSize);
        if (WorldSize > 1 && !DropLast)
            throw new ArgumentException($"{nameof(DropLast)} is false; expected true where processes train together, whose batches are of one size.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchSize, int.MaxValue / WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ShuffleBuffer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Prefetch, Workers);
    }
}
