using AltClip.Modeling;
using AltClip.Tests;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class MixedPrecisionTests : IDisposable
{
    private readonly AltCLIPModel _model = NewModel();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void LossAndGradientsAreThoseOfFloat32UpToRounding()
    {
        using var scope = NewDisposeScope();
        var expected = LossAndGradients(_model);
        _model.ComputeType = ScalarType.BFloat16;
        var actual = LossAndGradients(_model);
        Assert.NotEqual(expected.Loss, actual.Loss);
        Assert.Equal(expected.Loss, actual.Loss, 0.02 * Math.Abs(expected.Loss));
        var similarities = expected.Gradients.Where(p => p.Value.norm().item<float>() > 1e-4).ToDictionary(
            p => p.Key, p => nn.functional.cosine_similarity(p.Value.flatten(), actual.Gradients[p.Key].flatten(), 0).item<float>());
        Assert.True(similarities.Count > 60, $"{similarities.Count} gradients");
        Assert.All(similarities, p => Assert.True(p.Value > 0.99, $"{p.Key}: {p.Value}"));
        Assert.All(actual.Gradients.Values, gradient => Assert.Equal(ScalarType.Float32, gradient.dtype));
    }

    [Fact]
    public void WhatTheModelReturnsKeepsTheTypeOfTheWeights()
    {
        _model.ComputeType = ScalarType.BFloat16;
        using var scope = NewDisposeScope();
        var output = _model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true, output_hidden_states: true);
        Tensor[] outputs =
        [
            output.Loss!, output.LogitsPerText, output.TextEmbeds, output.ImageEmbeds, output.TextModelOutput.LastHiddenState,
            output.TextModelOutput.PoolerOutput, output.VisionModelOutput.LastHiddenState, output.VisionModelOutput.PoolerOutput,
            _model.get_text_features(ModelBuilder.Ids()), _model.get_image_features(ModelBuilder.Pixels()),
        ];
        Assert.All(outputs, tensor => Assert.Equal(ScalarType.Float32, tensor.dtype));
        Assert.All(output.TextModelOutput.HiddenStates!, tensor => Assert.Equal(ScalarType.BFloat16, tensor.dtype));
        Assert.All(output.VisionModelOutput.HiddenStates!, tensor => Assert.Equal(ScalarType.BFloat16, tensor.dtype));
    }

    [Fact]
    public void ItSetsAllModulesAndOnlyWhileTheTrainerRuns()
    {
        using var trainer = new Trainer(_model, Loss, Options);
        Assert.Null(_model.text_model.ComputeType);
        var seen = new List<ScalarType?>();
        using var watching = new Trainer(_model, n =>
        {
            seen.Add(_model.vision_model.encoder.layers[1].mlp.ComputeType);
            return Loss(n);
        }, Options);
        watching.Run();
        Assert.Equal([ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.BFloat16], seen);
        Assert.Null(_model.vision_model.encoder.layers[1].mlp.ComputeType);
    }

    [Fact]
    public void StepsTooSmallForBFloat16StillAddUp()
    {
        using var scope = NewDisposeScope();
        var before = _model.visual_projection.weight.clone();
        using var trainer = new Trainer(_model, Loss, Options with { Steps = 60, LearningRate = 1e-5, WeightDecay = 0 });
        var first = Loss(0).ToDouble();
        trainer.Run();
        Assert.Equal(ScalarType.Float32, _model.visual_projection.weight.dtype);
        var moved = (_model.visual_projection.weight - before).abs().max().item<float>();
        Assert.InRange(moved, 1e-5, 6.1e-4);
        Assert.True(Loss(0).ToDouble() < first);
    }

    [Fact]
    public void StudentsAndModulesAroundThemTrainToo()
    {
        using var both = new StudentWithHead();
        using var target = randn(2, 3);
        var seen = new List<double>();
        using var trainer = new Trainer(both, _ =>
        {
            using var output = both.student.forward(ModelBuilder.Ids());
            return Modeling.Losses.TeacherLearning(both.head.forward(output.PoolerOutput), target);
        }, Options with { Steps = 80, LearningRate = 3e-3 });
        trainer.Run(new Heard(seen));
        Assert.True(seen[^1] < seen[0] / 4, $"{seen[0]} to {seen[^1]}");
    }

    [Fact]
    public void NothingStays()
    {
        LiveTensors.AssertUnchanged(() =>
        {
            using var model = NewModel();
            using var trainer = new Trainer(model, _ => model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Loss!, Options);
            trainer.Run();
        });
    }

    [Fact]
    public void TypesThatCannotBeComputedInAreRefused()
    {
        Assert.Contains("Float16", Assert.Throws<ArgumentException>("value", () => _model.ComputeType = ScalarType.Float16).Message);
        using var linear = nn.Linear(2, 2);
        Assert.Throws<ArgumentException>("ComputeType", () => new Trainer(linear, _ => linear.weight.sum(), Options));
        Assert.Throws<ArgumentException>("ComputeType", () => new Trainer(_model, Loss, Options with { ComputeType = ScalarType.Int32 }));
    }

    private static TrainerOptions Options => new() { Steps = 3, LearningRate = 1e-3, ComputeType = ScalarType.BFloat16 };

    private Tensor Loss(long batch) => _model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Loss!;

    private static AltCLIPModel NewModel()
    {
        manual_seed(4);
        return ModelBuilder.Model(dropout: 0);
    }

    private static (double Loss, Dictionary<string, Tensor> Gradients) LossAndGradients(AltCLIPModel model)
    {
        foreach (var parameter in model.parameters()) parameter.grad = null;
        var loss = model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!;
        loss.backward();
        return (loss.ToDouble(), model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!));
    }

    /// <summary>A module as users write them.</summary>
    private sealed class StudentWithHead : nn.Module
    {
        internal readonly AltCLIPTextModel student = new(ModelBuilder.Config(0).TextConfig, WeightInitialization.FanIn);
        internal readonly Linear head = nn.Linear(10, 3);

        public StudentWithHead() : base(nameof(StudentWithHead)) => RegisterComponents();
    }

    private sealed class Heard(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
