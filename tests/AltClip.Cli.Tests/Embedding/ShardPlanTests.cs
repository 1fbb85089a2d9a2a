using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>How inputs are dealt out.</summary>
public sealed class ShardPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(50)]
    public void EachInputIsInOneShard(int count)
    {
        InputSource[] sources = [Lists(5, 0), Lists(0, 1), Lists(17, 2)];
        var plans = Shard.All(count).Select(shard => ShardPlan.Create(sources, shard)).ToArray();
        var expected = sources.SelectMany(source => Enumerable.Range(0, source.Count).Select(index => (source.Place, index)));
        Assert.Equal(expected, plans.SelectMany(plan => plan.Places()));
        Assert.Equal(plans.Select(plan => plan.Places().LongCount()), plans.Select(plan => plan.Count));
        foreach (var plan in plans)
            Assert.Equal(plan.Places(), plan.Read(0, plan.Count).Select(input => (input.Source, input.Index)));
    }

    [Fact]
    public void FewFilesAreCutEvenly()
    {
        InputSource[] sources = [Lists(5, 0), Lists(17, 1)];
        var sizes = Shard.All(4).Select(shard => ShardPlan.Create(sources, shard).Count).ToArray();
        Assert.True(sizes.Max() - sizes.Min() <= 1, string.Join(", ", sizes));
    }

    [Fact]
    public void ManyFilesAreDealtOutWholeAndOthersAreNotRead()
    {
        var sources = Enumerable.Range(0, 4).Select(place => Lists(3, place)).ToArray();
        File.Delete(sources[3].Path);
        var plan = ShardPlan.Create(sources, new Shard(0, 2));
        Assert.Equal([0, 0, 0, 1, 1, 1], plan.Places().Select(input => input.Source));
    }

    [Fact]
    public void ARunOfInputsIsReadFromItsMiddle()
    {
        var plan = ShardPlan.Create([Lists(5, 0), Lists(5, 1)], Shard.Whole);
        Assert.Equal([(0, 3), (0, 4), (1, 0), (1, 1)], plan.Read(3, 4).Select(input => (input.Source, input.Index)));
    }

    [Fact]
    public void OtherInputsHaveAnotherFingerprint()
    {
        var list = Lists(5, 0);
        var before = ShardPlan.Create([list], Shard.Whole).Fingerprint;
        Assert.Equal(before, ShardPlan.Create([Lists(5, 0)], Shard.Whole).Fingerprint);
        File.AppendAllText(list.Path, "one more\n");
        Assert.NotEqual(before, ShardPlan.Create([Open(list.Path, 0)], Shard.Whole).Fingerprint);
    }

    private InputSource Lists(int count, int place)
    {
        var path = _folder.File($"list-{place}.txt");
        File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => $"text {place} {i}"));
        return Open(path, place);
    }

    private static ListSource Open(string path, int place) => new(path, place, new InputOptions { Texts = true }, ListForm.Lines);
}
