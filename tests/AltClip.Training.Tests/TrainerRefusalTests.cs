using AltClip.Tests;
using AltClip.Training.Losses;
using AltClip.Training.Optimization;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What callers' functions and options give that can't be trained with is said, and leaves weights and memory as they were.</summary>
[Collection(nameof(ProcessWide))]
public sealed class TrainerRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    private static TrainerOptions Options => new() { Steps = 3, LearningRate = 1e-3 };

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1e-3)]
    public void ALearningRateThatIsNoneStopsBeforeTheStep(double rate)
    {
        using var expected = NewModel();
        using (var trainer = new Trainer(expected, _ => Loss(expected), Options with { Steps = 1, Schedule = _ => 1e-3 })) trainer.Run();
        using (var trainer = new Trainer(_model, _ => Loss(_model), Options with { Schedule = step => step == 1 ? rate : 1e-3 }))
        {
            var message = Assert.Throws<InvalidOperationException>(() => trainer.Run()).Message;
            Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Schedule gave the learning rate {rate} for step 2"), message);
            Assert.Equal(1, trainer.Step);
        }
        AssertSame(expected, _model);
    }

    [Fact]
    public void ALearningRateOfZeroIsTaken()
    {
        using var trainer = new Trainer(_model, _ => Loss(_model), Options with { Schedule = LearningRates.TransformersLinear(1e-3, 1, 3) });
        trainer.Run();
        Assert.Equal(3, trainer.Step);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void NumbersThatAreNotFiniteAreRefusedByName(double number)
    {
        Trainer With(TrainerOptions options) => new(_model, _ => Loss(_model), options);
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => With(Options with { LearningRate = number }));
        Assert.Throws<ArgumentOutOfRangeException>("FinalLearningRate", () => With(Options with { FinalLearningRate = number }));
        Assert.Throws<ArgumentOutOfRangeException>("Epsilon", () => With(Options with { Epsilon = number }));
        Assert.Throws<ArgumentOutOfRangeException>("WeightDecay", () => With(Options with { WeightDecay = number }));
        Assert.Throws<ArgumentOutOfRangeException>("LearningRate", () => With(Options with { LearningRate = -number }));
        Assert.Throws<ArgumentOutOfRangeException>("rate", () => LearningRates.Constant(number, 0));
        Assert.Throws<ArgumentOutOfRangeException>("finalRate", () => LearningRates.Cosine(1, 0, 3, number));
        Assert.Throws<ArgumentOutOfRangeException>("finalRate", () => LearningRates.ConstantWithCooldown(1, 0, 3, 1, finalRate: number));
    }

    public static TheoryData<string, string> NoLosses => new()
    {
        { "null", "null" },
        { "disposed", "disposed" },
        { "vector", "[4]" },
        { "empty", "[0]" },
        { "whole", "Int64" },
        { "complex", "ComplexFloat32" },
    };

    [Theory]
    [MemberData(nameof(NoLosses))]
    public void ALossThatIsNoneIsSaid(string kind, string said)
    {
        using var trainer = new Trainer(_model, _ => NoLoss(kind), Options);
        var message = Assert.Throws<InvalidOperationException>(() => trainer.Run()).Message;
        Assert.Contains("The loss of batch 0", message);
        Assert.Contains(said, message);
        Assert.Contains("expected", message);
        using var loss = new OwnLoss((_, _) => NoLoss(kind));
        var own = Assert.Throws<InvalidOperationException>(() => GradientCache.Backward(_model, loss, ModelBuilder.Ids(4), ModelBuilder.Pixels(4), 2)).Message;
        Assert.Contains("The loss own", own);
        Assert.Contains(said, own);
        using var before = NewModel();
        AssertSame(before, _model);
    }

    [Fact]
    public void ACachedLossWithoutAGradientIsSaid()
    {
        Tensor Backward(TrainingLoss loss) => GradientCache.Backward(_model, loss, ModelBuilder.Ids(4), ModelBuilder.Pixels(4), 2);
        using var loss = new OwnLoss((images, texts) => (images.detach() - texts.detach()).square().sum());
        Assert.Contains("The loss own has no gradient", Assert.Throws<InvalidOperationException>(() => Backward(loss)).Message);
        foreach (var parameter in _model.parameters()) parameter.requires_grad = false;
        using var contrastive = new ContrastiveLoss();
        Assert.Contains("has no gradient", Assert.Throws<InvalidOperationException>(() => Backward(contrastive)).Message);
    }

    [Fact]
    public void ALossOfOneElementIsTaken()
    {
        using var trainer = new Trainer(_model, _ => Loss(_model).reshape(1), Options);
        trainer.Run();
        Assert.Equal(3, trainer.Step);
    }

    [Fact]
    public void AnEvaluationThatIsNoNumberIsRefused()
    {
        var values = new Queue<double>([3, double.NaN]);
        using var trainer = new Trainer(_model, _ => Loss(_model), Options with { Evaluate = values.Dequeue, EvaluateEvery = 1, Patience = 1 });
        var message = Assert.ThrowsAny<AltClipException>(() => trainer.Run()).Message;
        Assert.Contains("NaN after step 2", message);
        Assert.Equal((3.0, false), (trainer.BestEvaluation, trainer.StoppedEarly));
        Assert.True(_model.training);
    }

    [Fact]
    public void TheBestIsRightWhereTheFirstIsInfinite()
    {
        var values = new Queue<double>([double.PositiveInfinity, 3, 2]);
        using var trainer = new Trainer(_model, _ => Loss(_model), Options with
        {
            Evaluate = values.Dequeue,
            EvaluateEvery = 1,
            Patience = 2,
            BestCheckpointFile = _folder.File("best.safetensors"),
        });
        trainer.Run();
        Assert.Equal((3L, 2.0, false), (trainer.Step, trainer.BestEvaluation, trainer.StoppedEarly));
        trainer.LoadBest();
        Assert.Equal(3, trainer.Step);
    }

    [Fact]
    public void WrongOptionsLeaveNoTensors()
    {
        File.WriteAllText(_folder.File("file"), "");
        var rates = new Dictionary<string, double> { ["logits"] = 1 };
        TrainerOptions[] wrong =
        [
            Options with { RateScales = rates },
            Options with { Muon = ["logit_scale"] },
            Options with { Frozen = ["logits"] },
            Options with { Frozen = ["*"] },
            Options with { CheckpointFile = Path.Combine(_folder.File("file"), "run.safetensors") },
            Options with { CheckpointFile = _folder.Path },
            Options with { Average = new() { Decay = 0.9 }, Evaluate = () => 0, BestCheckpointFile = Path.Combine(_folder.File("file"), "run.safetensors") },
        ];
        Assert.All(wrong, options => LiveTensors.AssertUnchanged(() => Assert.ThrowsAny<Exception>(() => new Trainer(_model, _ => Loss(_model), options))));
        var flags = _model.parameters().Select(parameter => parameter.requires_grad);
        Assert.DoesNotContain(false, flags);
    }

    [Fact]
    public void AFolderInPlaceOfACheckpointIsSaidBeforeAnythingIsDone()
    {
        var folder = _folder.File("folder");
        Directory.CreateDirectory(folder);
        foreach (var path in (string[])[folder, folder + "/", _folder.File("new") + "/"])
        {
            foreach (var options in (TrainerOptions[])[Options with { CheckpointFile = path }, Options with { Evaluate = () => 0, BestCheckpointFile = path }])
            {
                var message = Assert.ThrowsAny<IOException>(() => new Trainer(_model, _ => Loss(_model), options)).Message;
                Assert.Contains($"{path} is a folder; expected a file", message);
            }
        }
    }

    [Fact]
    public void ATrainerThatIsDisposedSaysSo()
    {
        var file = _folder.File("run.safetensors");
        var trainer = new Trainer(_model, _ => Loss(_model), Options with
        {
            CheckpointFile = file,
            Evaluate = () => 0,
            BestCheckpointFile = _folder.File("best.safetensors"),
            Average = new() { Decay = 0.9 },
        });
        trainer.Run();
        trainer.Dispose();
        trainer.Dispose();
        var bytes = File.ReadAllBytes(file);
        using var after = NewModel();
        after.load_state_dict(_model.state_dict());
        Action[] calls = [() => trainer.Run(), () => trainer.Resume(), trainer.SaveCheckpoint, trainer.LoadBest, trainer.TakeAverage];
        Assert.All(calls, call => Assert.Contains(nameof(Trainer), Assert.Throws<ObjectDisposedException>(call).Message));
        Assert.Equal(3, trainer.Step);
        Assert.Equal(bytes, File.ReadAllBytes(file));
        AssertSame(after, _model);
    }

    private static Tensor NoLoss(string kind)
    {
        switch (kind)
        {
            case "null":
                return null!;
            case "disposed":
                using (var loss = ones(1).sum()) return loss;
            case "vector":
                return ones(4, requires_grad: true).alias();
            case "empty":
                return ones(0, requires_grad: true).alias();
            case "whole":
                return ones(4, ScalarType.Int64).sum();
            default:
                return ones(4, ScalarType.ComplexFloat32, requires_grad: true).sum();
        }
    }

    private static Tensor Loss(AltCLIPModel model) => model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!;

    private static void AssertSame(AltCLIPModel expected, AltCLIPModel actual)
    {
        using var scope = NewDisposeScope();
        Assert.All(expected.named_parameters().Zip(actual.parameters()), pair =>
            Assert.True(pair.First.parameter.equal(pair.Second).all().item<bool>(), pair.First.name));
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }

    private sealed class OwnLoss(Func<Tensor, Tensor, Tensor> compute) : TrainingLoss("own")
    {
        protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale) => compute(imageEmbeds, textEmbeds);
    }
}
