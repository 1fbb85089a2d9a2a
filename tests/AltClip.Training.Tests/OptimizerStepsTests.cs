using AltClip.Tests;
using AltClip.Training.Optimization;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class OptimizerStepsTests
{
    [Fact]
    public void AdamWsAreThoseOfTorchSharpToTheLastBit()
    {
        manual_seed(1);
        using var scope = NewDisposeScope();
        using var ours = NewModel();
        using var theirs = NewModel();
        using var ourOptimizer = NewOptimizer(ours);
        using var theirOptimizer = NewOptimizer(theirs);
        var steps = new OptimizerSteps(ourOptimizer, []);
        for (var step = 0; step < 5; step++)
        {
            manual_seed(step);
            foreach (var (mine, other) in ours.parameters().Zip(theirs.parameters()).Skip(1)) // one without a gradient stays
                mine.grad = randn_like(mine);
            foreach (var (mine, other) in ours.parameters().Zip(theirs.parameters()).Skip(1)) other.grad = mine.grad!.clone();
            steps.Take();
            theirOptimizer.step();
        }
        Assert.All(ours.named_parameters().Zip(theirs.parameters()), pair =>
            Assert.True(pair.First.parameter.equal(pair.Second).all().item<bool>(), pair.First.name));
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(7);
        return ModelBuilder.Model();
    }

    private static AdamW NewOptimizer(AltCLIPModel model) =>
        optim.AdamW(ParameterGroups.ForAdamW(model, 0.2), lr: 1e-2, beta1: 0.9, beta2: 0.98, eps: 1e-6);
}
