using AltClip.Modeling;
using AltClip.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class GradientCheckpointingTests : IDisposable
{
    private readonly AltCLIPModel _model = NewModel();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(ScalarType.BFloat16)]
    public void GradientsAreThoseOfThePlainPassWithDropoutToo(ScalarType? type)
    {
        using var scope = NewDisposeScope();
        _model.ComputeType = type;
        var expected = LossAndGradients(_model, out var expectedNext);
        _model.GradientCheckpointing = true;
        var actual = LossAndGradients(_model, out var actualNext);
        Assert.Equal(expected.Loss, actual.Loss);
        Assert.Equal(expectedNext, actualNext);
        Assert.All(expected.Gradients, p => Assert.True(p.Value.equal(actual.Gradients[p.Key]).all().item<bool>(), p.Key));
    }

    [Fact]
    public void LayersTrainBehindFrozenEmbeddings()
    {
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in _model.named_parameters()) parameter.requires_grad = name.Contains(".1.");
        var expected = LossAndGradients(_model, out _);
        _model.GradientCheckpointing = true;
        var actual = LossAndGradients(_model, out _);
        Assert.NotEmpty(expected.Gradients);
        Assert.Equal(expected.Gradients.Keys, actual.Gradients.Keys);
        Assert.All(expected.Gradients, p => Assert.True(p.Value.equal(actual.Gradients[p.Key]).all().item<bool>(), p.Key));
    }

    [Fact]
    public void TheInsideOfALayerIsComputedTwice()
    {
        using var scope = NewDisposeScope();
        var input = ones([1, 2, 3], requires_grad: true);
        List<(int Layer, bool WithGradients)> passes = [];
        using var shared = full([3], 2f);
        var output = CheckpointedLayers.Run(input, 2, [shared.alias()], (layer, states, given) =>
        {
            passes.Add((layer, is_grad_enabled()));
            return states * given[0];
        });
        output.sum().backward();
        Assert.Equal([(0, false), (1, false), (1, true), (0, true)], passes);
        Assert.Equal(4, input.grad!.mean().item<float>());
    }

    [Fact]
    public void NothingStaysWithAndWithoutABackwardPass()
    {
        _model.GradientCheckpointing = true;
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            _model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Dispose();
        });
        LiveTensors.AssertUnchanged(() =>
        {
            using var model = NewModel();
            using var trainer = new Trainer(model, _ => Loss(model), new TrainerOptions { Steps = 3, GradientCheckpointing = true });
            trainer.Run();
            Assert.False(model.text_model.GradientCheckpointing);
        });
    }

    [Fact]
    public void WhatStopsTheBackwardPassIsThrown()
    {
        using var scope = NewDisposeScope();
        var input = ones([1, 2, 3], requires_grad: true);
        var passes = 0;
        var output = CheckpointedLayers.Run(input, 1, [], (_, states, _) => passes++ == 0 ? states * 2 : throw new TimeoutException());
        output.sum().backward();
        Assert.Throws<TimeoutException>(CheckpointedLayers.ThrowIfFailed);
        CheckpointedLayers.ThrowIfFailed();
    }

    private static Tensor Loss(AltCLIPModel model) => model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!;

    private static (double Loss, Dictionary<string, Tensor> Gradients) LossAndGradients(AltCLIPModel model, out float next)
    {
        foreach (var parameter in model.parameters()) parameter.grad = null;
        using (manual_seed(5)) { }
        var loss = Loss(model);
        loss.backward();
        CheckpointedLayers.ThrowIfFailed();
        next = rand(1).item<float>();
        return (loss.ToDouble(), model.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!));
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(4);
        var model = ModelBuilder.Model();
        model.train();
        return model;
    }
}
