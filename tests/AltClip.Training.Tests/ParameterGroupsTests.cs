using AltClip.Tests;
using AltClip.Training.Optimization;
using TorchSharp.Modules;
using Xunit;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class ParameterGroupsTests
{
    [Fact]
    public void MatricesDecayAndTheRestDoesNot()
    {
        using var model = ModelBuilder.Model();
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = !name.StartsWith("vision_model.");
        var groups = ParameterGroups.ForAdamW(model, 0.2).ToDictionary(group => ((AdamW.Options)group.Options).weight_decay!.Value, group => group.Parameters.ToHashSet());
        var trained = model.named_parameters().Where(p => p.parameter.requires_grad).ToList();
        Assert.Equal(trained.Count, groups[0.2].Count + groups[0].Count);
        Assert.All(trained, p => Assert.Contains(p.parameter, groups[p.parameter.dim() >= 2 ? 0.2 : 0]));
        Assert.Contains(model.logit_scale, groups[0]);
    }

    [Fact]
    public void BadInputIsRefusedByName()
    {
        using var model = ModelBuilder.Model();
        Assert.Throws<ArgumentOutOfRangeException>("weight_decay", () => ParameterGroups.ForAdamW(model, -1));
        foreach (var parameter in model.parameters()) parameter.requires_grad = false;
        Assert.Throws<ArgumentException>("model", () => ParameterGroups.ForAdamW(model, 0.1));
    }
}
