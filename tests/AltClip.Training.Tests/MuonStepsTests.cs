using AltClip.Tests;
using AltClip.Training.Optimization;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class MuonStepsTests
{
    private const string Layers = "*.encoder.layer*";

    [Theory]
    [InlineData(12, 12)]
    [InlineData(24, 8)]
    [InlineData(8, 24)]
    public void DirectionsAreOrthogonalWithTheGradientsOwnAxes(int rows, int columns)
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        var gradient = randn(rows, columns);
        var (u, s, vh) = linalg.svd(gradient, fullMatrices: false);
        var direction = MuonSteps.Orthogonal(gradient);
        var inItsAxes = u.t().matmul(direction).matmul(vh.t());
        Assert.All(inItsAxes.diagonal().data<float>().ToArray(), value => Assert.InRange(value, 0.6f, 1.3f));
        Assert.InRange((inItsAxes - inItsAxes.diagonal().diag()).abs().max().item<float>(), 0, 0.05f);
        Assert.True(s.max().item<float>() > 2 * s.min().item<float>());
    }

    [Fact]
    public void AStepIsAsLargeAsAdamWsAndDecays()
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        var (parameter, momentum) = (ones(16, 16), zeros(16, 16));
        MuonSteps.Take(parameter, randn(16, 16), momentum, learningRate: 0.01, weightDecay: 0.5);
        var change = parameter - (1 - 0.01 * 0.5);
        Assert.InRange(change.square().mean().sqrt().item<float>(), 0.01f * 0.2f * 0.7f, 0.01f * 0.2f * 1.25f);
        Assert.InRange(momentum.std().item<float>(), 0.03f, 0.07f);
    }

    [Fact]
    public void OnlyWhatThePatternsNameStepsByMuon()
    {
        using var plain = Trained([]);
        using var muon = Trained([Layers]);
        using var scope = NewDisposeScope();
        Assert.All(plain.named_parameters().Zip(muon.parameters()), pair => Assert.Equal(
            pair.First.parameter.dim() != 2 || !pair.First.name.Contains(".encoder.layer"),
            pair.First.parameter.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void ARunStoppedGoesOnBitForBit()
    {
        using var folder = new TemporaryFolder();
        using var whole = Trained([Layers], steps: 4);
        using var stopped = Trained([Layers], steps: 4, folder.File("run.safetensors"), stopAt: 3);
        using var resumed = Trained([Layers], steps: 4, folder.File("run.safetensors"));
        using var scope = NewDisposeScope();
        Assert.All(whole.parameters().Zip(resumed.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void APatternWithoutAMatrixIsRefused()
    {
        using var model = ModelBuilder.Model();
        Assert.Throws<ArgumentException>("Muon", () => Trained(["*.bias"]));
        Assert.Throws<ArgumentException>("Muon", () => Trained(["no_such_module.*"]));
    }

    private static AltCLIPModel Trained(string[] muon, long steps = 1, string? checkpoint = null, long stopAt = long.MaxValue)
    {
        manual_seed(1);
        var model = ModelBuilder.Model();
        using var trainer = new Trainer(
            model, n => n == stopAt ? throw new TimeoutException() : model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!,
            new TrainerOptions { Steps = steps, LearningRate = 1e-3, Muon = muon, CheckpointFile = checkpoint, CheckpointEvery = 2 });
        if (checkpoint is not null) trainer.Resume();
        try
        {
            trainer.Run();
        }
        catch (TimeoutException) { }
        return model;
    }
}
