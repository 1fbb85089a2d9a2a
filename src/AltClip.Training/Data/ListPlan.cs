namespace AltClip.Training.Data;

/// <summary>Batches of a list, whose examples can be read in any order.</summary>
internal sealed class ListPlan<T> : BatchPlan<T>
{
    private readonly IReadOnlyList<T> _examples;
    private readonly long _perEpoch;

    public ListPlan(IReadOnlyList<T> examples, BatchLoaderOptions options) : base(examples.GetType().Name, options)
    {
        _examples = examples;
        if (examples.Count == 0) throw new DataSetException(Name, "it is empty; expected an example at least");
        _perEpoch = (examples.Count + (options.DropLast ? 0 : options.BatchSize - 1)) / options.BatchSize;
        if (_perEpoch == 0)
        {
            throw new DataSetException(
                Name, $"its {examples.Count} examples are fewer than a batch of {options.BatchSize}; expected as many, as incomplete batches are left out");
        }
    }

    public override long? BatchesPerEpoch => _perEpoch;

    public override IReadOnlyList<T> Values(PlannedBatch<T> batch) => [.. batch.Indices.Select(index => _examples[(int)index])];

    public override IEnumerable<PlannedBatch<T>> From(long batch)
    {
        for (var epoch = batch / _perEpoch; ; epoch++)
        {
            var order = Order(epoch);
            for (; batch < (epoch + 1) * _perEpoch; batch++)
            {
                var first = (int)(batch % _perEpoch) * Options.BatchSize;
                var count = Math.Min(Options.BatchSize, order.Length - first);
                yield return new PlannedBatch<T>(batch, epoch, [.. order.AsSpan(first, count)], null);
            }
        }
    }

    private long[] Order(long epoch)
    {
        var order = new long[_examples.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        if (!Options.Shuffle) return order;
        var random = OrderRandom(epoch);
        if (_examples is IShards { ShardSizes: { Count: > 1 } sizes })
            ShuffleShards(order, sizes, random);
        else
            random.Shuffle(order);
        return order;
    }

    // Shards in random order, and examples mixed among neighbouring ones.
    private void ShuffleShards(long[] order, IReadOnlyList<int> sizes, Random random)
    {
        var starts = new long[sizes.Count];
        for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + sizes[i - 1];
        int[] shards = [.. Enumerable.Range(0, sizes.Count)];
        random.Shuffle(shards);
        var (mixed, filled) = (0, 0);
        foreach (var shard in shards)
        {
            for (var i = 0; i < sizes[shard]; i++) order[filled++] = starts[shard] + i;
            if (filled - mixed < Options.ShuffleBuffer && filled < order.Length) continue;
            random.Shuffle(order.AsSpan(mixed, filled - mixed));
            mixed = filled;
        }
    }
}
