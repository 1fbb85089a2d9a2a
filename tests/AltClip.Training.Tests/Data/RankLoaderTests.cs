using AltClip.Training.Data;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class RankLoaderTests
{
    private static readonly int[] Numbers = [.. Enumerable.Range(0, 50)];

    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    [InlineData(false, 4)]
    public void ProcessesShareTheBatchesOfOne(bool list, int worldSize)
    {
        using var one = Loader(list, new() { BatchSize = 3 * worldSize, Seed = 7 });
        var ranks = Enumerable.Range(0, worldSize).Select(rank => Loader(list, new() { BatchSize = 3, Seed = 7, Rank = rank, WorldSize = worldSize })).ToList();
        Assert.All(ranks, rank => Assert.Equal(one.BatchesPerEpoch, rank.BatchesPerEpoch));
        // More than an epoch; then one that goes on in the middle.
        foreach (var n in Enumerable.Range(0, 20).Append(5))
        {
            using var whole = one.Get(n);
            var parts = ranks.Select(rank => rank.Get(n).Numbers).ToList();
            Assert.All(parts, part => Assert.Equal(3, part.Length));
            Assert.Equal(whole.Numbers, parts.SelectMany(part => part));
        }
        ranks.ForEach(rank => rank.Dispose());
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(-1, 2, true)]
    [InlineData(0, 0, true)]
    [InlineData(0, 2, false)]
    public void SharesThatCannotBeAreRefused(int rank, int worldSize, bool dropLast) =>
        Assert.ThrowsAny<ArgumentException>(() => Loader(true, new() { BatchSize = 3, Rank = rank, WorldSize = worldSize, DropLast = dropLast }));

    [Fact]
    public void TooFewForAllAreRefused() =>
        Assert.Throws<DataSetException>(() => Loader(true, new() { BatchSize = 26, WorldSize = 2 }));

    private static BatchLoader<int, Batch> Loader(bool list, BatchLoaderOptions options) => new(
        list ? Numbers : Numbers.Where(_ => true), (batch, _) => new Batch([.. batch.Examples.Select(example => example.Value)]), options);

    private sealed record Batch(int[] Numbers) : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
