namespace AltClip.Training.Data;

/// <summary>One process's part of the batches that all have together: as many consecutive examples as each other process.</summary>
internal sealed class RankPlan<T>(BatchPlan<T> all, BatchLoaderOptions options) : BatchPlan<T>(all.Name, options)
{
    public override long? BatchesPerEpoch => all.BatchesPerEpoch;

    public override IReadOnlyList<T> Values(PlannedBatch<T> batch) => all.Values(batch);

    public override IEnumerable<PlannedBatch<T>> From(long batch)
    {
        var own = new Range(Options.Rank * Options.BatchSize, (Options.Rank + 1) * Options.BatchSize);
        return all.From(batch).Select(planned => planned with { Indices = planned.Indices[own], Values = planned.Values?[own] });
    }
}
