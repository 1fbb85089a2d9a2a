using System.Security.Cryptography;

namespace AltClip.Cli;

/// <summary>The inputs of one share of a job, in an order that is the same each time.</summary>
/// <remarks>
/// With at least as many files and folders as shares, a share is whole files, so that no one reads a file of another. With fewer, all
/// inputs are counted, and a share is a run of neighbours. Either way, shares follow one another and differ by one at most.
/// </remarks>
internal sealed class ShardPlan
{
    private readonly List<(InputSource Source, int First, int Count)> _ranges;

    private ShardPlan(List<(InputSource Source, int First, int Count)> ranges)
    {
        _ranges = ranges;
        Count = ranges.Sum(range => (long)range.Count);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (source, first, count) in ranges)
        {
            hash.AppendData(BitConverter.GetBytes(first));
            hash.AppendData(BitConverter.GetBytes(count));
            source.AddTo(hash, first, count);
        }
        Fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The folders and files that the inputs are in.</summary>
    public IEnumerable<InputSource> Sources => _ranges.Select(range => range.Source);

    /// <summary>How many inputs there are.</summary>
    public long Count { get; }

    /// <summary>Changes if the inputs' names or number do.</summary>
    public string Fingerprint { get; }

    /// <summary>Deals out the inputs.</summary>
    /// <param name="sources">All inputs of the job.</param>
    /// <param name="shard">The share.</param>
    /// <exception cref="EmbedException">A file can't be read.</exception>
    public static ShardPlan Create(IReadOnlyList<InputSource> sources, Shard shard)
    {
        List<(InputSource Source, int First, int Count)> ranges = [];
        if (sources.Count >= shard.Count)
        {
            var (from, to) = Share(sources.Count, shard);
            for (var i = from; i < to; i++) ranges.Add((sources[(int)i], 0, sources[(int)i].Count));
            return new ShardPlan(ranges);
        }
        var (first, end) = Share(sources.Sum(source => (long)source.Count), shard);
        var start = 0L;
        foreach (var source in sources)
        {
            var (from, to) = (Math.Max(first - start, 0), Math.Min(end - start, source.Count));
            if (from < to) ranges.Add((source, (int)from, (int)(to - from)));
            start += source.Count;
        }
        return new ShardPlan(ranges);
    }

    /// <summary>Reads a run of the inputs, one by one.</summary>
    /// <param name="first">The place of the first in this plan.</param>
    /// <param name="count">How many.</param>
    public IEnumerable<EmbedInput> Read(long first, long count)
    {
        var start = 0L;
        foreach (var (source, sourceFirst, sourceCount) in _ranges)
        {
            var (from, to) = (Math.Max(first - start, 0), Math.Min(first + count - start, sourceCount));
            if (from < to)
            {
                foreach (var input in source.Read(sourceFirst + (int)from, (int)(to - from))) yield return input;
            }
            start += sourceCount;
        }
    }

    /// <summary>All inputs by file and place, without reading them.</summary>
    public IEnumerable<(int Source, int Index)> Places() => _ranges.SelectMany(range =>
        Enumerable.Range(range.First, range.Count).Select(index => (range.Source.Place, index)));

    private static (long From, long To) Share(long count, Shard shard) =>
        ((long)((Int128)count * shard.Index / shard.Count), (long)((Int128)count * (shard.Index + 1) / shard.Count));
}
