namespace AltClip.Training.Data;

/// <summary>Batches of a sequence, which is gone through from its start in each epoch.</summary>
internal sealed class StreamPlan<T>(IEnumerable<T> examples, BatchLoaderOptions options) : BatchPlan<T>(examples.GetType().Name, options)
{
    public override long? BatchesPerEpoch => null;

    public override IReadOnlyList<T> Values(PlannedBatch<T> batch) => batch.Values!;

    public override IEnumerable<PlannedBatch<T>> From(long batch) => Batches().SkipWhile(planned => planned.Number < batch);

    private IEnumerable<PlannedBatch<T>> Batches()
    {
        var number = 0L;
        for (var epoch = 0L; ; epoch++)
        {
            var (before, seen) = (number, 0L);
            foreach (var chunk in Ordered(epoch).Chunk(Options.BatchSize))
            {
                seen += chunk.Length;
                if (chunk.Length == Options.BatchSize || !Options.DropLast)
                    yield return new PlannedBatch<T>(number++, epoch, [.. chunk.Select(item => item.Index)], [.. chunk.Select(item => item.Value)]);
            }
            if (seen == 0) throw new DataSetException(Name, "it is empty; expected an example at least");
            if (number == before)
                throw new DataSetException(Name, $"its {seen} examples are fewer than a batch of {Options.BatchSize}; expected as many, as incomplete batches are left out");
        }
    }

    // A buffer of the next examples, of which one is drawn at a time.
    private IEnumerable<(long Index, T Value)> Ordered(long epoch)
    {
        var indexed = examples.Select((value, index) => ((long)index, value));
        if (!Options.Shuffle)
        {
            foreach (var item in indexed) yield return item;
            yield break;
        }
        var (random, buffer) = (OrderRandom(epoch), new List<(long, T)>());
        foreach (var item in indexed)
        {
            buffer.Add(item);
            if (buffer.Count > Options.ShuffleBuffer) yield return Draw(buffer, random);
        }
        while (buffer.Count > 0) yield return Draw(buffer, random);
    }

    private static (long, T) Draw(List<(long, T)> buffer, Random random)
    {
        var place = random.Next(buffer.Count);
        var drawn = buffer[place];
        buffer[place] = buffer[^1];
        buffer.RemoveAt(buffer.Count - 1);
        return drawn;
    }
}
