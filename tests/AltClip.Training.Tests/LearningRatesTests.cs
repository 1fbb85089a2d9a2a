using AltClip.Training.Optimization;
using Xunit;

namespace AltClip.Training.Tests;

/// <summary>What the schedules of the reference results leave open: where they begin and end, and what they refuse.</summary>
public sealed class LearningRatesTests
{
    [Fact]
    public void RatesFallToZeroUnlessAnotherIsGiven()
    {
        Assert.Equal(0.5 * (1 + Math.Cos(Math.PI * 9 / 10)), LearningRates.Cosine(1, 0, 10)(9), 1e-12);
        Assert.Equal(0, LearningRates.Cosine(1, 0, 10)(10), 1e-12);
        Assert.Equal(0.25, LearningRates.Cosine(1, 0, 10, 0.25)(10), 1e-12);
        Assert.Equal(0.25, LearningRates.ConstantWithCooldown(1, 0, 10, 4)(9), 1e-12);
        Assert.Equal(0.25 * 0.25, LearningRates.ConstantWithCooldown(1, 0, 10, 4, power: 2)(9), 1e-12);
        Assert.Equal(0.4, LearningRates.ConstantWithCooldown(1, 0, 10, 4, finalRate: 0.2)(9), 1e-12);
        Assert.Equal(1, LearningRates.ConstantWithCooldown(1, 0, 10, 4)(6));
        Assert.Equal(1, LearningRates.ConstantWithCooldown(1, 0, 10, 10)(0));
        Assert.Equal(0, LearningRates.TransformersLinear(1, 2, 10)(11));
        Assert.Equal(1, LearningRates.TransformersCosine(1, 2, 10)(2));
        Assert.Equal(1, LearningRates.TransformersConstant(1, 2)(2));
    }

    [Fact]
    public void AWarmUpEndsWithTheRate()
    {
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Enumerable.Range(0, 5).Select(step => LearningRates.Constant(1, 4)(step)));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], Enumerable.Range(0, 5).Select(step => LearningRates.TransformersConstant(1, 4)(step)));
        Assert.Equal(1, LearningRates.Constant(1, 0)(0));
        Assert.Equal(1, LearningRates.TransformersConstant(1, 0)(0));
    }

    [Fact]
    public void BadNumbersAreRefusedByName()
    {
        Assert.Throws<ArgumentOutOfRangeException>("rate", () => LearningRates.Constant(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("warmup", () => LearningRates.TransformersConstant(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>("steps", () => LearningRates.Cosine(1, 5, 5));
        Assert.Throws<ArgumentOutOfRangeException>("cooldown", () => LearningRates.ConstantWithCooldown(1, 0, 5, 0));
        Assert.Throws<ArgumentOutOfRangeException>("steps", () => LearningRates.ConstantWithCooldown(1, 0, 5, 6));
        Assert.Throws<ArgumentOutOfRangeException>("warmup", () => LearningRates.Cosine(1, -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>("warmup", () => LearningRates.TransformersCosine(1, -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>("warmup", () => LearningRates.TransformersLinear(1, -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>("warmup", () => LearningRates.ConstantWithCooldown(1, -1, 5, 1));
    }
}
