namespace AltClip.Cli;

/// <summary>Cuts what is missing of a share into batches.</summary>
internal static class ShardBatches
{
    /// <summary>Reads the inputs of parts, and gives them in batches that never go over a part's end.</summary>
    /// <param name="plan">The share.</param>
    /// <param name="missing">The parts, in ascending order.</param>
    /// <param name="partSize">How many inputs a part has.</param>
    /// <param name="batchSize">How many a batch has at most.</param>
    /// <exception cref="EmbedException">A file has fewer inputs than when it was counted.</exception>
    public static IEnumerable<InputBatch> Read(ShardPlan plan, IReadOnlyList<int> missing, int partSize, int batchSize)
    {
        foreach (var (first, parts) in Runs(missing))
        {
            var place = (long)first * partSize;
            var end = Math.Min((long)(first + parts) * partSize, plan.Count);
            List<EmbedInput> batch = [];
            foreach (var input in plan.Read(place, end - place))
            {
                batch.Add(input);
                place++;
                var endsPart = place % partSize == 0 || place == plan.Count;
                if (batch.Count < batchSize && !endsPart) continue;
                yield return new InputBatch((int)((place - 1) / partSize), endsPart, batch);
                batch = [];
            }
            if (place != end) throw new EmbedException($"The inputs have become fewer while they were read: {end - place} are gone.");
        }
    }

    // Neighbouring parts are read in one go: a list's lines are not looked for again for each.
    private static IEnumerable<(int First, int Count)> Runs(IReadOnlyList<int> parts)
    {
        for (var i = 0; i < parts.Count;)
        {
            var count = 1;
            while (i + count < parts.Count && parts[i + count] == parts[i] + count) count++;
            yield return (parts[i], count);
            i += count;
        }
    }
}
