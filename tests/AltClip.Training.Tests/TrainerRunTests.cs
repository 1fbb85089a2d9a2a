using AltClip.Native;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What a trainer asks of a run, and what it remembers of one.</summary>
[Collection(nameof(ProcessWide))]
public sealed class TrainerRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    private TrainerOptions Options => new() { Steps = 4, LearningRate = 1e-3, CheckpointFile = _folder.File("run.safetensors") };

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ALossWithoutGradientsIsRefusedAndNothingIsTrained()
    {
        using var before = NewModel();
        using var trainer = new Trainer(_model, n =>
        {
            using var noGrad = no_grad();
            return Loss(n);
        }, Options);
        Assert.Contains("The loss of step 1 gave no parameter a gradient", Assert.Throws<InvalidOperationException>(() => trainer.Run()).Message);
        Assert.Equal(0, trainer.Step);
        using var scope = NewDisposeScope();
        Assert.All(_model.parameters().Zip(before.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void ALossOfWhatIsFrozenAloneIsRefused()
    {
        using var trainer = new Trainer(_model, n => Loss(n), Options with { Frozen = ["t*", "v*"] });
        trainer.Run(); // the logit scale trains
        using var other = new Trainer(_model, _ => _model.visual_projection.weight!.sum(), Options with { Frozen = ["vis*"], CheckpointFile = null });
        Assert.Throws<InvalidOperationException>(() => other.Run());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TheLogitScaleStaysInItsRangeInsideOtherModules(int depth)
    {
        nn.Module outer = _model;
        for (var i = 0; i < depth; i++) outer = new Holder(outer);
        using var trainer = new Trainer(outer, _ => -_model.logit_scale, Options with { LearningRate = 1, MaxLogitScale = 3 });
        trainer.Run();
        Assert.Equal(3, _model.logit_scale.item<float>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MemoryThatStepsFreeIsKeptIfToldSo(bool kept)
    {
        Assert.SkipUnless(NativeHeap.IsGlibc, "The C library is not glibc.");
        using var trainer = new Trainer(_model, n =>
        {
            Assert.Equal(!kept, GoesBackToTheSystem(times: kept ? 1 : 8));
            return Loss(n);
        }, Options with { CheckpointFile = null, KeepFreedMemory = kept });
        trainer.Run();
        Assert.True(GoesBackToTheSystem(times: 8), "It stays so after the run.");
    }

    // Whether one of some large tensors has a mapping of its own, which goes with it. Memory that is free already serves the first.
    private static bool GoesBackToTheSystem(int times)
    {
        const int bytes = 48 << 20; // above glibc's own threshold, and below what fits a heap of a thread that is not the first
        var before = NativeMemoryInfo.MappedBytes;
        using var scope = NewDisposeScope();
        for (var i = 0; i < times; i++) _ = empty(bytes / sizeof(float));
        return NativeMemoryInfo.MappedBytes - before >= bytes;
    }

    [Fact]
    public void ACheckpointIsWrittenAfterSomeTimeWhateverTheSteps()
    {
        var options = Options with { CheckpointEvery = 1_000, CheckpointInterval = TimeSpan.FromTicks(1) };
        using (var trainer = new Trainer(_model, n => n == 2 ? throw new TimeoutException() : Loss(n), options))
            Assert.Throws<TimeoutException>(() => trainer.Run());
        using var model = NewModel();
        using var resumed = new Trainer(model, Loss, options);
        Assert.True(resumed.Resume());
        Assert.Equal(2, resumed.Step);
        Assert.Equal(TimeSpan.FromMinutes(5), new TrainerOptions { Steps = 1 }.CheckpointInterval);
        Assert.Throws<ArgumentOutOfRangeException>("CheckpointInterval", () => new Trainer(model, Loss, Options with { CheckpointInterval = TimeSpan.Zero }));
    }

    [Fact]
    public void ARunWithOtherSettingsIsRefusedUnlessTheyAreAllowed()
    {
        var settings = new Dictionary<string, string> { ["data"] = "a", ["seed"] = "1" };
        using (var trainer = new Trainer(_model, Loss, Options with { Settings = settings })) trainer.Run();
        using var model = NewModel();
        using (var same = new Trainer(model, Loss, Options with { Settings = settings })) Assert.True(same.Resume());
        using var other = new Trainer(model, Loss, Options with { Settings = new Dictionary<string, string> { ["data"] = "b", ["batch size"] = "4", ["seed"] = "1" } });
        var refusal = Assert.Throws<TrainingSettingsException>(() => other.Resume());
        Assert.Equal([("batch size", null, "4"), ("data", "a", "b")], refusal.Differences.Select(d => (d.Name, d.Before, d.Now)));
        Assert.Contains("data was a and is b", refusal.Message);
        Assert.Equal(0, other.Step);
        Assert.True(other.Resume(anySettings: true));
        Assert.Equal(4, other.Step);
    }

    [Fact]
    public void FactorsAndSchedulesReachTheStep()
    {
        using var scaled = NewModel();
        using (var trainer = new Trainer(_model, Loss, Options with { CheckpointFile = null, Steps = 1, WeightDecay = 0, Schedule = _ => 1e-4 })) trainer.Run();
        using (var trainer = new Trainer(scaled, n => Loss(scaled), Options with
        {
            CheckpointFile = null,
            Steps = 1,
            WeightDecay = 0,
            RateScales = new Dictionary<string, double> { ["logit_scale"] = 0.5, ["visual_projection.weight"] = 0 },
            Schedule = _ => 1e-4,
        })) trainer.Run();
        using var before = NewModel();
        var (start, whole, half) = (before.logit_scale.item<float>(), _model.logit_scale.item<float>(), scaled.logit_scale.item<float>());
        Assert.Equal(1e-4, Math.Abs(whole - start), 2e-6);
        Assert.Equal(0.5e-4, Math.Abs(half - start), 2e-6);
        using var scope = NewDisposeScope();
        Assert.True(before.visual_projection.weight!.equal(scaled.visual_projection.weight!).all().item<bool>());
        Assert.Throws<ArgumentException>("RateScales", () => new Trainer(_model, Loss, Options with { RateScales = new Dictionary<string, double> { ["logits"] = 1 } }));
        Assert.Throws<ArgumentException>("RateScales", () => new Trainer(_model, Loss, Options with { RateScales = new Dictionary<string, double> { ["logit_scale"] = -1 } }));
    }

    private Tensor Loss(long batch) => Loss(_model);

    private static Tensor Loss(AltCLIPModel model) => model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!;

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }

    private sealed class Holder : nn.Module
    {
        public Holder(nn.Module inner) : base(nameof(Holder)) => register_module("inner", inner);
    }
}
