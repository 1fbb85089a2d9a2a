using AltClip.Tests;
using Xunit;

namespace AltClip.Architecture;

public sealed class LayerTests
{
    /// <summary>All of <c>src</c>, which takes some time to understand.</summary>
    internal static readonly Lazy<Sources> Tree = new(() => Sources.Read(SourceFolder()));

    [Fact]
    public void FoldersUseOnlyWhatTheTableAllows()
    {
        var allowed = AllowedArrows.Table.ToDictionary(row => row.From, row => row.To);
        List<Arrow> forbidden = [.. Tree.Value.Arrows().Where(arrow => !allowed.TryGetValue(arrow.From, out var to) || !to.Contains(arrow.To))];
        Assert.True(forbidden.Count == 0, string.Join('\n', forbidden));
    }

    [Fact]
    public void TheTableIsAnOrderOfAllFoldersAndSoWithoutCycles()
    {
        var before = new HashSet<string>();
        foreach (var (from, to) in AllowedArrows.Table)
        {
            Assert.All(to, name => Assert.True(before.Contains(name), $"{from} may use {name}, which doesn't come before it."));
            Assert.True(before.Add(from), $"{from} stands twice.");
        }
        Assert.Equal(Tree.Value.Folders.Order(), before.Order());
    }

    [Theory]
    [InlineData("AltClip/Imaging/Probe.cs", "namespace AltClip.Imaging; class Probe { AltClip.AltCLIPModel? model; }", "AltClip/Modeling")]
    [InlineData("AltClip/Shared/Probe.cs", "namespace AltClip.Shared; class Probe { object Make() => new AltClip.Hub.HubOptions(); }", "AltClip/Hub")]
    [InlineData("AltClip/Modeling/Probe.cs",
        "using AltClip.Pipeline; namespace AltClip.Modeling; class Probe { SimilarityGrid[]? grids; }", "AltClip/Pipeline")]
    public void AnArrowAgainstTheOrderIsFound(string path, string code, string to)
    {
        var arrows = Tree.Value.With(path, code).Arrows().Where(arrow => arrow.Place.StartsWith(path)).Select(arrow => arrow.To).Distinct();
        Assert.Equal([to], arrows);
        Assert.DoesNotContain(to, AllowedArrows.Table.Single(row => path.StartsWith(row.From + "/")).To);
    }

    internal static string SourceFolder() => Path.GetFullPath(TestData.Path("..", "..", "src"));
}
