using AltClip.Tests;
using AltClip.Training.Optimization;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class WeightAverageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private TrainerOptions Options => new()
    {
        Steps = 6,
        LearningRate = 1e-3,
        CheckpointFile = _folder.File("run.safetensors"),
        CheckpointEvery = 2,
        Average = new() { Decay = 0.8 },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AStoppedRunsAverageGoesOnBitForBit()
    {
        using var whole = Averaged(Options with { CheckpointFile = null });
        using (Averaged(Options, stopAt: 3)) { }
        using var resumed = Averaged(Options, resume: true);
        using var scope = NewDisposeScope();
        Assert.All(whole.parameters().Zip(resumed.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void EvaluationsMeasureTheAverageAndTrainingGoesOnWithTheWeights()
    {
        using var plain = NewModel();
        using (var trainer = new Trainer(plain, Loss(plain), Options with { Average = null, CheckpointFile = null })) trainer.Run();
        using var model = NewModel();
        var measured = new List<float>();
        using (var trainer = new Trainer(model, Loss(model), Options with
        {
            CheckpointFile = null,
            EvaluateEvery = 6,
            Evaluate = () => Add(measured, model.logit_scale.item<float>()),
        }))
        {
            trainer.Run();
            Assert.Equal(plain.logit_scale.item<float>(), model.logit_scale.item<float>());
            trainer.TakeAverage();
        }
        Assert.Equal([model.logit_scale.item<float>()], measured);
        Assert.NotEqual(plain.logit_scale.item<float>(), model.logit_scale.item<float>());
    }

    [Fact]
    public void TheDecayRisesAsItsFormulaSays()
    {
        var average = new WeightAverageOptions { Decay = 0.9, UpdateAfterStep = 2, UseWarmup = true, MinDecay = 0.25, WarmupGamma = 4, WarmupPower = 0.5 };
        Assert.Equal(0, average.DecayAt(2));
        Assert.Equal(0, average.DecayAt(3));
        Assert.Equal(0.25, average.DecayAt(4)); // 1 - (5/4)^-0.5 is less.
        Assert.Equal(1 - Math.Pow(1 + 12.0 / 4, -0.5), average.DecayAt(15), 1e-12);
        Assert.Equal(0.9, average.DecayAt(4_000));
        Assert.Equal(0.9, (average with { UseWarmup = false }).DecayAt(4));
        var usual = new WeightAverageOptions { Decay = 0.9, UpdateAfterStep = 0, UseWarmup = true };
        Assert.Equal(1 - Math.Pow(2, -2.0 / 3), usual.DecayAt(2), 1e-12);
    }

    [Fact]
    public void ACheckpointWithoutAnAverageIsRefusedWhereOneIsAskedFor()
    {
        using (Averaged(Options with { Average = null }, takes: false)) { }
        using var model = NewModel();
        using var trainer = new Trainer(model, Loss(model), Options);
        Assert.Contains("missing: average.", Assert.Throws<CheckpointException>(() => trainer.Resume()).Message);
    }

    [Fact]
    public void NothingStaysButTheModel() => LiveTensors.AssertUnchanged(() => Averaged(Options with { CheckpointFile = null }).Dispose());

    [Fact]
    public void BadOptionsAreRefusedByName()
    {
        using var model = NewModel();
        Trainer With(WeightAverageOptions average) => new(model, Loss(model), Options with { Average = average });
        Assert.Throws<ArgumentOutOfRangeException>("Decay", () => With(new() { Decay = 1 }));
        Assert.Throws<ArgumentException>("UseWarmup", () => With(new() { Decay = 0.9, UseWarmup = true }));
        Assert.Throws<ArgumentOutOfRangeException>("WarmupGamma", () => With(new() { Decay = 0.9, WarmupGamma = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("WarmupPower", () => With(new() { Decay = 0.9, WarmupPower = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("MinDecay", () => With(new() { Decay = 0.9, MinDecay = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>("Decay", () => With(new() { Decay = -0.1 }));
        Assert.Throws<ArgumentOutOfRangeException>("UpdateAfterStep", () => With(new() { Decay = 0.9, UpdateAfterStep = -1 }));
        With(new() { Decay = 0, UpdateAfterStep = 0 }).Dispose();
        using var without = new Trainer(model, Loss(model), Options with { Average = null });
        Assert.Throws<InvalidOperationException>(without.TakeAverage);
    }

    private static double Add(List<float> values, float value)
    {
        values.Add(value);
        return value;
    }

    private static AltCLIPModel Averaged(TrainerOptions options, bool resume = false, long stopAt = -1, bool takes = true)
    {
        var model = NewModel();
        using var trainer = new Trainer(model, n => n == stopAt ? throw new TimeoutException() : Loss(model)(n), options);
        if (resume) Assert.True(trainer.Resume());
        try
        {
            trainer.Run();
        }
        catch (TimeoutException) { }
        if (takes) trainer.TakeAverage();
        return model;
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }

    private static Func<long, Tensor> Loss(AltCLIPModel model) =>
        batch => model.forward(ModelBuilder.Ids(4).roll(batch % 2, 1), ModelBuilder.Pixels(4), return_loss: true).Loss!;
}
