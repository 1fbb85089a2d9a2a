using AltClip.Training.Augmentation;

namespace AltClip.Training.Data;

/// <summary>Says which examples are in which batch. It follows from the seed alone, so that any batch can be begun with.</summary>
internal abstract class BatchPlan<T>(string name, BatchLoaderOptions options)
{
    // So that the order has other random numbers than the first example.
    private const long OrderPurpose = -1;

    public string Name { get; } = name;

    protected BatchLoaderOptions Options { get; } = options;

    /// <summary>The batches of an epoch, or null if that isn't known before.</summary>
    public abstract long? BatchesPerEpoch { get; }

    /// <summary>All batches from one on, without end.</summary>
    public abstract IEnumerable<PlannedBatch<T>> From(long batch);

    /// <summary>The values of a planned batch.</summary>
    public abstract IReadOnlyList<T> Values(PlannedBatch<T> batch);

    public static BatchPlan<T> Of(IEnumerable<T> examples, BatchLoaderOptions options) => options.WorldSize > 1
        ? new RankPlan<T>(OfAll(examples, options with { BatchSize = options.BatchSize * options.WorldSize }), options)
        : OfAll(examples, options);

    private static BatchPlan<T> OfAll(IEnumerable<T> examples, BatchLoaderOptions options) => examples is IReadOnlyList<T> list
        ? new ListPlan<T>(list, options)
        : new StreamPlan<T>(examples, options);

    protected SeededRandom OrderRandom(long epoch) => new(Options.Seed, epoch, OrderPurpose);
}
