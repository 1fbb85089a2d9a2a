using AltClip.Modeling;
using AltClip.Tests;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>The gradient of the biases of keys, which is 0 unless keys meet distances.</summary>
[Collection(nameof(ProcessWide))]
public sealed class KeyBiasTests
{
    [Theory]
    [InlineData("absolute", ScalarType.Float32)]
    [InlineData("absolute", ScalarType.BFloat16)]
    [InlineData("relative_key", ScalarType.Float32)]
    public void ItIsNoRounding(string positions, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var model = Model(positions);
        model.to(dtype);
        Loss(model).backward();
        var biases = KeyBiases(model).ToList();
        Assert.Equal(4, biases.Count);
        // There is one: an optimiser passes by what has none, with its decay.
        Assert.All(biases, bias => Assert.Equal(0, bias.Parameter.grad!.abs().max().ToDouble()));
        Assert.All(
            model.named_parameters().Where(p => p.name.EndsWith("query.bias", StringComparison.Ordinal) || p.name.EndsWith("q_proj.bias", StringComparison.Ordinal)),
            query => Assert.True(query.parameter.grad!.abs().max().ToDouble() > 0, query.name));
    }

    [Fact]
    public void WhereKeysMeetDistancesItIsTheSlopeOfTheLoss()
    {
        using var scope = NewDisposeScope();
        using var model = Model("relative_key_query");
        model.to(float64);
        Loss(model).backward();
        var (name, bias) = KeyBiases(model).First(p => p.Name.StartsWith("text_model", StringComparison.Ordinal));
        var gradient = bias.grad!.clone();
        Assert.True(gradient.abs().max().ToDouble() > 1e-9, name);
        const double Step = 1e-4;
        var direction = gradient / gradient.norm();
        double At(double distance)
        {
            using var noGrad = no_grad();
            var before = bias.clone();
            bias.add_(direction * distance);
            var loss = Loss(model).ToDouble();
            bias.copy_(before);
            return loss;
        }
        var slope = (At(Step) - At(-Step)) / (2 * Step);
        Assert.Equal(gradient.norm().ToDouble(), slope, 1e-3 * Math.Abs(slope));
    }

    [Fact]
    public void PassesWithAndWithoutGradientsGiveTheSameBits()
    {
        using var scope = NewDisposeScope();
        using var model = Model("absolute");
        model.train();
        var with = Loss(model);
        using var noGrad = no_grad();
        Assert.Equal(with.item<float>(), Loss(model).item<float>());
    }

    [Fact]
    public void NothingStays()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(4, 4);
        using var states = rand(2, 3, 4);
        LiveTensors.AssertUnchanged(() => layer.ProjectKeys(states).Dispose());
    }

    private static AltCLIPModel Model(string positions)
    {
        random.manual_seed(5);
        var config = ModelBuilder.Config(dropout: 0);
        var model = new AltCLIPModel(
            config with { TextConfig = config.TextConfig with { PositionEmbeddingType = positions } }, WeightInitialization.FanIn);
        using var noGrad = no_grad();
        foreach (var (_, bias) in KeyBiases(model)) bias.normal_();
        return model;
    }

    private static Tensor Loss(AltCLIPModel model) =>
        model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4).to(model.logit_scale.dtype), return_loss: true).Loss!;

    private static IEnumerable<(string Name, Parameter Parameter)> KeyBiases(AltCLIPModel model) => model.named_parameters().Where(p =>
        p.name.EndsWith("key.bias", StringComparison.Ordinal) || p.name.EndsWith("k_proj.bias", StringComparison.Ordinal)).Select(p => (p.name, p.parameter));
}
