using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static AltClip.Training.Tests.AdaptedModel;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What trains is what requires a gradient and isn't among the options' frozen parameters.</summary>
[Collection(nameof(ProcessWide))]
public sealed class TrainerFrozenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    private static TrainerOptions Options => new() { Steps = 4, LearningRate = 1e-2, Seed = 3 };

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void WhatTheCallerFrozeStaysAndSoDoesItsFlag()
    {
        Freeze(_model, "vis");
        var flags = Flags(_model);
        using (var trainer = new Trainer(_model, _ => Loss(_model), Options with { Frozen = ["text_projection.*"] }))
        {
            trainer.Run();
            Assert.Equal(flags, Flags(_model));
        }
        Assert.Equal(flags, Flags(_model));
        AssertTrained(_model, name => !name.StartsWith("vis") && name != "text_projection.weight");
    }

    [Fact]
    public void WhatOneTrainerFreezesAnotherTrains()
    {
        using var first = new Trainer(_model, _ => Loss(_model), Options with { Steps = 1, Frozen = ["vis*"] });
        using var second = new Trainer(_model, _ => Loss(_model), Options with { Frozen = ["text*"] });
        first.Run();
        AssertTrained(_model, name => !name.StartsWith("vis"));
        using var before = ModelBuilder.Model();
        before.load_state_dict(_model.state_dict());
        second.Run();
        AssertTrained(_model, name => !name.StartsWith("text"), before);
    }

    [Fact]
    public void ARunThatEndsByAnErrorLeavesTheFlagsToo()
    {
        var flags = Flags(_model);
        using var trainer = new Trainer(_model, _ => throw new TimeoutException(), Options with { Frozen = ["vis*"] });
        Assert.Throws<TimeoutException>(() => trainer.Run());
        Assert.Equal(flags, Flags(_model));
    }

    [Fact]
    public void ItsCheckpointAndAverageAreOfWhatTrains()
    {
        var options = Options with { CheckpointFile = _folder.File("run.safetensors"), CheckpointEvery = 2, Average = new() { Decay = 0.5 } };
        Freeze(_model, "vis");
        using (var trainer = new Trainer(_model, n => n == 3 ? throw new TimeoutException() : Loss(_model), options))
            Assert.Throws<TimeoutException>(() => trainer.Run());
        using (var file = SafeTensors.Open(options.CheckpointFile))
        {
            Assert.DoesNotContain(file.Names, name => name.StartsWith("exp_avg.vis") || name.StartsWith("average.vis"));
            Assert.Contains("model.visual_projection.weight", file.Names);
        }
        using var unfrozen = NewModel();
        using (var other = new Trainer(unfrozen, _ => Loss(unfrozen), options)) Assert.Throws<CheckpointException>(() => other.Resume());
        using var model = NewModel();
        Freeze(model, "vis");
        using var resumed = new Trainer(model, _ => Loss(model), options);
        Assert.True(resumed.Resume());
        Assert.Equal(2, resumed.Step);
        resumed.Run();
        resumed.TakeAverage();
        AssertTrained(model, name => !name.StartsWith("vis"));
    }

    [Fact]
    public void ThereMustBeSomethingThatTrains()
    {
        Freeze(_model, "text");
        Assert.Throws<ArgumentException>("Muon", () => new Trainer(_model, _ => Loss(_model), Options with { Muon = ["text_projection.weight"] }));
        Assert.Throws<ArgumentException>("model", () => new Trainer(_model, _ => Loss(_model), Options with { Frozen = ["vis*", "logit_scale"] }));
        Freeze(_model, "");
        Assert.Throws<ArgumentException>("model", () => new Trainer(_model, _ => Loss(_model), Options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheModelUnderAnAdapterIsRefused(bool merged)
    {
        using var adapter = LoraAdapter.Attach(_model, new LoraOptions { Rank = 2 });
        if (merged) adapter.Merge();
        using var loss = new BiasedLoss();
        using var both = loss.TrainedWith(_model);
        foreach (var module in merged ? [_model] : (nn.Module[])[_model, both, new Holder(_model)])
        {
            var refusal = Assert.Throws<ArgumentException>("model", () => new Trainer(module, _ => Loss(_model), Options));
            Assert.Contains("adapter in place of the model", refusal.Message);
        }
        adapter.Unmerge();
        using (var trainer = new Trainer(adapter, _ => Loss(_model), Options)) trainer.Run();
        AssertTrained(_model, _ => false);
    }

    [Fact]
    public void TheModelUnderAnAdapterThatIsFrozenTrains()
    {
        using var adapter = LoraAdapter.Attach(_model, new LoraOptions { Rank = 2 });
        foreach (var parameter in adapter.parameters()) parameter.requires_grad = false;
        _model.logit_scale.requires_grad = true;
        using var trainer = new Trainer(_model, _ => Loss(_model), Options);
        trainer.Run();
        AssertTrained(_model, name => name == "logit_scale");
    }

    [Fact]
    public void AnAdapterThatIsMergedIsRefusedUntilItIsTakenOut()
    {
        using var adapter = LoraAdapter.Attach(_model, new LoraOptions { Rank = 2 });
        using var loss = new BiasedLoss();
        using var both = loss.TrainedWith(adapter);
        adapter.Merge();
        foreach (var module in (nn.Module[])[adapter, both])
        {
            using var trainer = new Trainer(module, _ => Loss(_model), Options);
            Assert.Contains("merged", Assert.Throws<InvalidOperationException>(() => trainer.Run()).Message);
            Assert.Equal(0, trainer.Step);
        }
        adapter.Unmerge();
        using var again = new Trainer(adapter, _ => Loss(_model), Options);
        again.Run();
        using var scope = NewDisposeScope();
        Assert.All(adapter.named_parameters().Where(p => p.name.Contains("lora_B")), p => Assert.True(p.parameter.abs().sum().item<float>() > 0, p.name));
    }

    private static void Freeze(AltCLIPModel model, string start)
    {
        foreach (var (name, parameter) in model.named_parameters())
            if (name.StartsWith(start, StringComparison.Ordinal)) parameter.requires_grad = false;
    }

    private static (string, bool)[] Flags(AltCLIPModel model) => [.. model.named_parameters().Select(p => (p.name, p.parameter.requires_grad))];

    private static void AssertTrained(AltCLIPModel model, Predicate<string> trains, AltCLIPModel? before = null)
    {
        using var scope = NewDisposeScope();
        using var fresh = NewModel();
        var changed = model.named_parameters().Zip((before ?? fresh).parameters()).Where(pair => !pair.First.parameter.equal(pair.Second).all().item<bool>())
            .Select(pair => pair.First.name).ToHashSet();
        // Nothing of the text model's pooler or of words that don't occur needs to have changed, but these must.
        Assert.All(changed, name => Assert.True(trains(name), name));
        foreach (var name in (string[])["logit_scale", "visual_projection.weight", "text_projection.weight", "vision_model.encoder.layers.0.mlp.fc1.weight"])
            Assert.Equal(trains(name), changed.Contains(name));
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }

    private sealed class Holder : nn.Module
    {
        public readonly nn.Module Inner;

        public Holder(nn.Module inner) : base(nameof(Holder))
        {
            Inner = inner;
            RegisterComponents();
        }
    }
}
