using AltClip.Checkpoints;
using AltClip.Tests;
using AltClip.Training.Losses;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();
    private readonly int _threads = get_num_threads();

    // On models as small as these, threads wait for each other most of the time.
    public TrainerTests() => set_num_threads(1);

    private string Checkpoint => _folder.File("run.safetensors");

    private TrainerOptions Options => new() { Steps = 6, LearningRate = 1e-3, WarmupSteps = 2, CheckpointFile = Checkpoint, CheckpointEvery = 2, Seed = 9 };

    public void Dispose()
    {
        set_num_threads(_threads);
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AKilledRunGoesOnBitForBit()
    {
        using (var whole = new Trainer(_model, Loss(_model), Options with { CheckpointFile = null, Accumulate = 2 })) whole.Run();

        using (var killed = NewModel())
        using (var trainer = new Trainer(killed, Loss(killed, dies: 7), Options with { Accumulate = 2 }))
        {
            Assert.Throws<TimeoutException>(() => trainer.Run());
            Assert.Equal(3, trainer.Step);
        }

        using var model = NewModel();
        using var resumed = new Trainer(model, Loss(model), Options with { Accumulate = 2 });
        Assert.True(resumed.Resume());
        Assert.Equal(2, resumed.Step);
        resumed.Run();
        AssertSame(_model, model);
    }

    [Fact]
    public void ARunRepeatsExactlyAndAnotherSeedDoesNot()
    {
        using var again = NewModel();
        using var other = NewModel();
        foreach (var (model, seed) in new[] { (_model, 9), (again, 9), (other, 10) })
        {
            using var trainer = new Trainer(model, Loss(model), Options with { Seed = seed });
            trainer.Run();
        }
        AssertSame(_model, again);
        using var scope = NewDisposeScope();
        Assert.False(_model.text_projection.weight!.equal(other.text_projection.weight!).all().item<bool>());
    }

    [Fact]
    public void TheLossFallsAndProgressIsTold()
    {
        var seen = new Seen();
        using var trainer = new Trainer(_model, Loss(_model), Options with { Steps = 40, WarmupSteps = 4 });
        trainer.Run(seen);
        Assert.Equal(Enumerable.Range(1, 40).Select(step => (long)step), seen.Reports.Select(report => report.Step));
        Assert.True(seen.Reports[^1].Loss < seen.Reports[0].Loss / 2, $"{seen.Reports[0].Loss} to {seen.Reports[^1].Loss}");
        Assert.Equal(TimeSpan.Zero, seen.Reports[^1].Remaining);
        Assert.Equal(2.5e-4, seen.Reports[0].LearningRate, 1e-12);
    }

    [Fact]
    public void TheLearningRateRisesAndFallsAsACosine()
    {
        var options = new TrainerOptions { Steps = 12, WarmupSteps = 4, LearningRate = 1, FinalLearningRate = 0.2 };
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Enumerable.Range(0, 5).Select(step => options.LearningRateAt(step)));
        Assert.Equal(0.6, options.LearningRateAt(8), 1e-12);
    }

    [Fact]
    public void AccumulatedBatchesCountAsOne()
    {
        using var one = NewModel(dropout: 0);
        using var two = NewModel(dropout: 0);
        var options = Options with { CheckpointFile = null, Steps = 3, Epsilon = 1e-3 };
        using (var trainer = new Trainer(one, n => (Loss(one)(2 * n) + Loss(one)(2 * n + 1)) / 2, options)) trainer.Run();
        using (var trainer = new Trainer(two, Loss(two), options with { Accumulate = 2 })) trainer.Run();
        using var scope = NewDisposeScope();
        Assert.All(one.parameters().Zip(two.parameters()), pair => Assert.True(pair.First.allclose(pair.Second, atol: 1e-5)));
    }

    [Fact]
    public void FrozenParametersStay()
    {
        using var before = NewModel();
        using var trainer = new Trainer(_model, Loss(_model), Options with { Frozen = ["vis*", "*.bias"] });
        trainer.Run();
        using var scope = NewDisposeScope();
        Assert.All(_model.named_parameters().Zip(before.parameters()), pair => Assert.Equal(
            pair.First.name.StartsWith("vis") || pair.First.name.EndsWith(".bias"),
            pair.First.parameter.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void TheLogitScaleStaysInItsRange()
    {
        using var trainer = new Trainer(_model, _ => -_model.logit_scale, Options with { LearningRate = 1, MaxLogitScale = 3 });
        trainer.Run();
        Assert.Equal(3, _model.logit_scale.item<float>());
    }

    [Fact]
    public void GradientCachingTrainsTheSame()
    {
        using var plain = NewModel(dropout: 0);
        using var cached = NewModel(dropout: 0);
        var options = Options with { CheckpointFile = null, Epsilon = 1e-3 };
        using (var trainer = new Trainer(plain, Loss(plain), options)) trainer.Run();
        using (var trainer = new Trainer(cached, n => GradientCache.ContrastiveBackward(cached, Ids(n), Pixels(n), 3), options)) trainer.Run();
        using var scope = NewDisposeScope();
        Assert.All(plain.parameters().Zip(cached.parameters()), pair => Assert.True(pair.First.allclose(pair.Second, atol: 1e-5)));
        using var accumulating = new Trainer(cached, n => GradientCache.ContrastiveBackward(cached, Ids(n), Pixels(n), 3), options with { Accumulate = 2 });
        Assert.Throws<InvalidOperationException>(() => accumulating.Run());
    }

    [Fact]
    public void ALossThatIsNoNumberStopsBeforeTheStep()
    {
        using var trainer = new Trainer(_model, n => Loss(_model)(n) * (n == 3 ? double.NaN : 1), Options);
        var stop = Assert.Throws<NonFiniteLossException>(() => trainer.Run());
        Assert.Equal((4L, 3L, double.NaN), (stop.Step, trainer.Step, stop.Loss));
        Assert.All(_model.parameters(), parameter =>
        {
            using var scope = NewDisposeScope();
            Assert.True(parameter.isfinite().all().item<bool>());
        });
        using var model = NewModel();
        using var resumed = new Trainer(model, Loss(model), Options);
        Assert.True(resumed.Resume());
        Assert.Equal(2, resumed.Step);
    }

    [Fact]
    public void NothingStaysButTheModel()
    {
        void Run()
        {
            using var model = NewModel();
            using var trainer = new Trainer(model, Loss(model), Options);
            trainer.Resume();
            trainer.Run();
        }
        LiveTensors.AssertUnchanged(Run);
        LiveTensors.AssertUnchanged(Run);
        LiveTensors.AssertUnchanged(() =>
        {
            using var model = NewModel();
            using var trainer = new Trainer(model, Loss(model), Options);
            Assert.Throws<OperationCanceledException>(() => trainer.Run(cancellationToken: new CancellationToken(canceled: true)));
        });
    }

    [Fact]
    public void ACheckpointOfAnotherRunIsRefusedAndChangesNothing()
    {
        using (var trainer = new Trainer(_model, Loss(_model), Options)) trainer.Run();
        using var before = NewModel();
        using var model = NewModel();
        using var frozen = new Trainer(model, Loss(model), Options with { Frozen = ["logit_scale"] });
        Assert.Contains("unexpected: exp_avg.logit_scale", Assert.Throws<CheckpointException>(() => frozen.Resume()).Message);
        AssertSame(before, model);

        var config = ModelBuilder.Config() with { ProjectionDim = 8 };
        using var narrow = new AltCLIPModel(config);
        using var other = new Trainer(narrow, Loss(narrow), Options);
        Assert.Contains("[12, 10]; expected Float32 [8, 10]", Assert.Throws<CheckpointException>(() => other.Resume()).Message);
        Assert.Equal(0, other.Step);
    }

    [Theory]
    [InlineData("best_evaluation", "low")]
    [InlineData("evaluations_since_best", "1.5")]
    [InlineData("evaluations_since_best", "2147483648")]
    [InlineData("step", "-1")]
    [InlineData("step", "9223372036854775808")]
    public void ADamagedNumberIsRefusedAndChangesNothing(string key, string value)
    {
        using (var trainer = new Trainer(_model, Loss(_model), Options)) trainer.Run();
        Dictionary<string, string> metadata;
        using (var file = SafeTensors.Open(Checkpoint))
        {
            metadata = file.Metadata.ToDictionary();
            metadata[key] = value;
            using var scope = NewDisposeScope();
            SafeTensors.Save(_folder.File("damaged"), file.Names.Select(name => KeyValuePair.Create(name, file[name])), metadata);
        }
        using var before = NewModel();
        using var model = NewModel();
        using var damaged = new Trainer(model, Loss(model), Options with { CheckpointFile = _folder.File("damaged") });
        Assert.Contains($"no number in the metadata: {key}", Assert.Throws<CheckpointException>(() => damaged.Resume()).Message);
        AssertSame(before, model);
    }

    [Fact]
    public void TheFolderOfACheckpointIsMadeBeforeTheFirstStep()
    {
        using var trainer = new Trainer(_model, Loss(_model), Options with { CheckpointFile = Path.Combine(_folder.Path, "new", "run.safetensors") });
        Assert.True(Directory.Exists(Path.Combine(_folder.Path, "new")));
    }

    [Fact]
    public void ACheckpointThatCannotBeWrittenLeavesTheOneBefore()
    {
        using (var trainer = new Trainer(_model, Loss(_model), Options with { Steps = 3 })) trainer.Run();
        var bytes = File.ReadAllBytes(Checkpoint);
        using var disposed = NewModel();
        Assert.ThrowsAny<IOException>(() => new Trainer(disposed, Loss(disposed), Options with { CheckpointFile = Path.Combine(Checkpoint, "below-a-file") }));
        Assert.Equal(bytes, File.ReadAllBytes(Checkpoint));
        Assert.Equal(["run.safetensors"], _folder.Files);
    }

    [Fact]
    public void BadOptionsAreRefusedByName()
    {
        Trainer With(TrainerOptions options) => new(_model, Loss(_model), options);
        Assert.Throws<ArgumentOutOfRangeException>("Steps", () => With(Options with { Steps = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("WarmupSteps", () => With(Options with { WarmupSteps = 6 }));
        Assert.Throws<ArgumentOutOfRangeException>("ClipGradientNorm", () => With(Options with { ClipGradientNorm = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("Accumulate", () => With(Options with { Accumulate = 0 }));
        Assert.Contains("visual_model", Assert.Throws<ArgumentException>("Frozen", () => With(Options with { Frozen = ["visual_model.*"] })).Message);
        Assert.Throws<ArgumentException>(() => With(Options with { Frozen = ["*"] }));
        Assert.Throws<ArgumentOutOfRangeException>("Beta2", () => With(Options with { Beta2 = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>("Epsilon", () => With(Options with { Epsilon = 0 }));
        Assert.Throws<ArgumentException>("BestCheckpointFile", () => With(Options with { Evaluate = () => 0, BestCheckpointFile = Checkpoint }));
        using var trainer = With(Options);
        Assert.False(trainer.Resume());
    }

    private static AltCLIPModel NewModel(double dropout = 0.1)
    {
        manual_seed(1);
        return ModelBuilder.Model(dropout);
    }

    private static Tensor Ids(long batch) => ModelBuilder.Ids(4).roll(batch % 2, 1);

    private static Tensor Pixels(long batch) => ModelBuilder.Pixels(4) * (1 + batch % 2);

    private static Func<long, Tensor> Loss(AltCLIPModel model, long dies = -1) => batch => batch == dies
        ? throw new TimeoutException()
        : model.forward(Ids(batch), Pixels(batch), return_loss: true).Loss!;

    private static void AssertSame(AltCLIPModel expected, AltCLIPModel actual)
    {
        using var scope = NewDisposeScope();
        Assert.All(expected.named_parameters().Zip(actual.parameters()), pair =>
            Assert.True(pair.First.parameter.equal(pair.Second).all().item<bool>(), pair.First.name));
    }

    private sealed class Seen : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];

        public void Report(TrainingProgress value) => Reports.Add(value);
    }
}
