using AltClip.Modeling.Adapters;
using AltClip.Tests;
using AltClip.Training.Losses;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class TrainingLossTests : IDisposable
{
    private const int Pairs = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();
    private readonly Tensor _ids = ModelBuilder.Ids(Pairs);
    private readonly Tensor _pixels = ModelBuilder.Pixels(Pairs);

    private TrainerOptions Options => new()
    {
        Steps = 4,
        LearningRate = 1e-2,
        CheckpointFile = _folder.File("run.safetensors"),
        CheckpointEvery = 2,
        Seed = 9,
    };

    public void Dispose()
    {
        _ids.Dispose();
        _pixels.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ALossIsHadByItsName()
    {
        using var loss = BiasedLoss.Registered.Create("biased");
        Assert.IsType<BiasedLoss>(loss);
        Assert.Equal("biased", loss.GetName());
        Assert.Equal(["contrastive", "siglip", "biased"], BiasedLoss.Registered.Names);
        Assert.DoesNotContain("biased", TrainingLosses.All.Names);
        var refusal = Assert.Throws<ArgumentException>("name", () => BiasedLoss.Registered.Create("siglop"));
        Assert.Contains("There is no loss siglop; expected one of contrastive, siglip, biased.", refusal.Message);
        Assert.Throws<ArgumentException>("name", () => TrainingLosses.All.With("contrastive", () => new BiasedLoss()));
    }

    [Fact]
    public void EachNameIsThatOfItsLoss() => Assert.All(TrainingLosses.All.Names, name =>
    {
        using var loss = TrainingLosses.All.Create(name);
        Assert.Equal(name, loss.GetName());
    });

    [Fact]
    public void ContrastiveIsTheModelsOwnBitForBit()
    {
        using var scope = NewDisposeScope();
        _model.eval();
        var expected = _model.forward(_ids, _pixels, return_loss: true).Loss!;
        expected.backward();
        var gradients = TakeGradients(_model);
        using var loss = TrainingLosses.All.Create("contrastive");
        var actual = Of(loss, _model);
        actual.backward();
        Assert.Equal(expected.item<float>(), actual.item<float>());
        Assert.All(TakeGradients(_model), p => Assert.True(p.Value.equal(gradients[p.Key]).all().item<bool>(), p.Key));
        Assert.Same(_model, loss.TrainedWith(_model));
    }

    [Fact]
    public void ACachedLossGivesThePlainGradients()
    {
        using var scope = NewDisposeScope();
        _model.eval();
        using var loss = new BiasedLoss();
        using var trained = loss.TrainedWith(_model);
        var plain = Of(loss, _model);
        plain.backward();
        var expected = TakeGradients(trained);
        Assert.NotEqual(0, expected["loss.bias"].item<float>());
        var cached = GradientCache.Backward(_model, loss, _ids, _pixels, chunk_size: 3);
        var actual = TakeGradients(trained);
        Assert.Equal(plain.item<float>(), cached.item<float>(), 1e-5);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        // What is summed over all tokens has the rounding of its size.
        Assert.All(expected, p => Assert.InRange(
            (p.Value - actual[p.Key]).abs().max().item<float>() / Math.Max(1, p.Value.abs().max().item<float>()), 0, 1e-5f));
    }

    [Fact]
    public void ALossOfTextsAloneIsCachedToo()
    {
        using var scope = NewDisposeScope();
        _model.eval();
        using var loss = new TextsAlone();
        Of(loss, _model).backward();
        var expected = TakeGradients(_model);
        GradientCache.Backward(_model, loss, _ids, _pixels, chunk_size: 3);
        var actual = TakeGradients(_model);
        Assert.Contains("text_projection.weight", actual.Keys);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
    }

    [Fact]
    public void ItsParametersTrainAndAreInTheCheckpoint()
    {
        using var loss = new BiasedLoss();
        using (var module = loss.TrainedWith(_model))
        using (var trainer = new Trainer(module, _ => Of(loss, _model), Options)) trainer.Run();
        Assert.NotEqual(-1, loss.bias.item<float>());

        using var model = NewModel();
        using var again = new BiasedLoss();
        using var both = again.TrainedWith(model);
        using var resumed = new Trainer(both, _ => Of(again, model), Options);
        Assert.True(resumed.Resume());
        Assert.Equal(loss.bias.item<float>(), again.bias.item<float>());
        Assert.True(Same(model.text_projection.weight!, _model.text_projection.weight!));
    }

    [Fact]
    public void TheLogitScaleStaysInItsBounds()
    {
        using var loss = new BiasedLoss();
        using var module = loss.TrainedWith(_model);
        using var trainer = new Trainer(module, _ => Of(loss, _model), Options with { MaxLogitScale = 0.5 });
        trainer.Run();
        Assert.InRange(_model.logit_scale.item<float>(), 0, 0.5);
    }

    [Fact]
    public void PatternsNameTheModelsParametersAndTheLosss()
    {
        using var loss = new BiasedLoss();
        using var module = loss.TrainedWith(_model);
        using var before = NewModel();
        using var trainer = new Trainer(module, n => GradientCache.Backward(_model, loss, _ids, _pixels, 3), Options with { Frozen = ["vis*", "loss.*"] });
        trainer.Run();
        Assert.Equal(-1, loss.bias.item<float>());
        Assert.True(Same(before.visual_projection.weight!, _model.visual_projection.weight!));
        Assert.False(Same(before.text_projection.weight!, _model.text_projection.weight!));
    }

    [Fact]
    public void WhatARunSetsReachesTheModelUnderAnAdapter()
    {
        using var adapter = LoraAdapter.Attach(_model);
        using var loss = new BiasedLoss();
        using var module = loss.TrainedWith(adapter);
        var seen = new List<(bool, ScalarType?)>();
        using var trainer = new Trainer(module, _ =>
        {
            seen.Add((_model.training, _model.vision_model.ComputeType));
            return Of(loss, _model);
        }, Options with { Steps = 1, ComputeType = ScalarType.BFloat16 });
        _model.eval();
        trainer.Run();
        Assert.Equal([(true, ScalarType.BFloat16)], seen);
        Assert.Null(_model.vision_model.ComputeType);
    }

    [Fact]
    public void NothingStaysButTheLoss()
    {
        using var loss = new BiasedLoss();
        LiveTensors.AssertUnchanged(() =>
        {
            using var noGrad = no_grad();
            using var embeds = eye(Pairs);
            using (loss.forward(embeds, embeds, _model.logit_scale)) { }
        });
    }

    [Fact]
    public void OtherThanPairsIsRefusedByName()
    {
        using var scope = NewDisposeScope();
        using var loss = new ContrastiveLoss();
        Assert.Throws<ArgumentException>("image_embeds", () => loss.forward(ones(3), ones(3), _model.logit_scale));
        Assert.Throws<ArgumentException>("image_embeds", () => loss.forward(ones(3, 2, dtype: int64), ones(3, 2), _model.logit_scale));
        var refusal = Assert.Throws<ArgumentException>("text_embeds", () => loss.forward(ones(3, 2), ones(4, 2), _model.logit_scale));
        Assert.Contains("The shape is [4, 2]; expected [pairs, width] = [3, 2]", refusal.Message);
        Assert.Throws<ArgumentException>("text_embeds", () => loss.forward(ones(3, 2), ones(3, 2, dtype: int64), _model.logit_scale));
    }

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model(dropout: 0);
    }

    private static bool Same(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        return expected.equal(actual).all().item<bool>();
    }

    private Tensor Of(TrainingLoss loss, AltCLIPModel model)
    {
        var output = model.forward(_ids, _pixels);
        return loss.forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
    }

    private static Dictionary<string, Tensor> TakeGradients(nn.Module module)
    {
        var gradients = module.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        foreach (var parameter in module.parameters()) parameter.grad = null;
        Assert.NotEmpty(gradients);
        return gradients;
    }

    private sealed class TextsAlone() : TrainingLoss("texts-alone")
    {
        protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale) => textEmbeds.square().mul(textEmbeds).sum();
    }
}
