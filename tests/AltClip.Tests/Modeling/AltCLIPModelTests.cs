using AltClip.Checkpoints;
using AltClip.Modeling;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class AltCLIPModelTests
{
    [Fact]
    public void NothingStaysButTheModel()
    {
        using var model = ModelBuilder.Model();
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(), ModelBuilder.Pixels());
        LiveTensors.AssertUnchanged(() =>
        {
            using (model.forward(ids, pixels, return_loss: true, output_attentions: true, output_hidden_states: true)) { }
            using (model.get_text_features(ids)) { }
            using (model.get_image_features(pixels)) { }
        });
    }

    [Fact]
    public void ADisposedModelLeavesNothing() => LiveTensors.AssertUnchanged(() =>
    {
        using (ModelBuilder.Model()) { }
        using (new AltCLIPTextModel(ModelBuilder.Config().TextConfig)) { }
        using (new AltCLIPVisionModel(ModelBuilder.Config().VisionConfig)) { }
    });

    [Fact]
    public void AModelOutlivesTheScopeItWasMadeIn()
    {
        AltCLIPModel model;
        using (NewDisposeScope()) model = ModelBuilder.Model();
        using (model)
        using (var features = model.get_image_features(ModelBuilder.Pixels()))
            Assert.Equal([2, 12], features.shape);
    }

    [Fact]
    public void OutputsBelongToTheCallersScope()
    {
        using var model = ModelBuilder.Model();
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels());
        });
    }

    [Fact]
    public void ShapesOfAllOutputs()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        var output = model.forward(ModelBuilder.Ids(3, 6), ModelBuilder.Pixels(2), output_attentions: true, output_hidden_states: true);
        Assert.Null(output.Loss);
        Assert.Equal([2, 3], output.LogitsPerImage.shape);
        Assert.Equal([3, 2], output.LogitsPerText.shape);
        Assert.Equal([3, 12], output.TextEmbeds.shape);
        Assert.Equal([2, 12], output.ImageEmbeds.shape);
        Assert.Equal([3, 6, 10], output.TextModelOutput.ProjectionState.shape);
        Assert.Equal([3, 10], output.TextModelOutput.PoolerOutput.shape);
        Assert.Equal([2, 5, 16], output.VisionModelOutput.LastHiddenState.shape);
        Assert.All(output.TextModelOutput.HiddenStates!, states => Assert.Equal([3, 6, 16], states.shape));
        Assert.All(output.VisionModelOutput.Attentions!, weights => Assert.Equal([2, 2, 5, 5], weights.shape));
        Assert.Equal((3, 2), (output.TextModelOutput.HiddenStates!.Count, output.TextModelOutput.Attentions!.Count));
    }

    [Fact]
    public void TupleHasTransformersOrder()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        var output = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true, output_hidden_states: true);
        var tuple = output.ToTuple();
        Assert.Equal([output.Loss!, output.LogitsPerImage, output.LogitsPerText, output.TextEmbeds, output.ImageEmbeds], tuple.Take(5));
        Assert.Equal([output.TextModelOutput.LastHiddenState, output.TextModelOutput.PoolerOutput, output.TextModelOutput.HiddenStates!],
            (IReadOnlyList<object>)tuple[5]);
        Assert.Equal(7, tuple.Count);
        Assert.Equal(6, model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels()).ToTuple().Count);
    }

    [Fact]
    public void ConfigurationDecidesWhatACallDoesNot()
    {
        using var scope = NewDisposeScope();
        var config = ModelBuilder.Config();
        // As in transformers, the encoder's own choice counts only for the text encoder alone.
        config = config with { OutputAttentions = true, TextConfig = config.TextConfig with { OutputHiddenStates = true } };
        using var model = new AltCLIPModel(config);
        var output = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels());
        Assert.NotNull(output.VisionModelOutput.Attentions);
        Assert.Null(output.TextModelOutput.HiddenStates);
        Assert.NotNull(model.text_model.forward(ModelBuilder.Ids()).HiddenStates);
        Assert.Null(model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), output_attentions: false).TextModelOutput.Attentions);
    }

    [Fact]
    public void EveryParameterHasAGradient()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Loss!.backward();
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var gradient = parameter.grad;
            Assert.True(gradient is not null, $"{name} has no gradient");
            Assert.True(gradient.isfinite().all().ToBoolean(), $"{name}'s gradient is not finite");
        }
    }

    [Fact]
    public void DropoutIsForTrainingOnly()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelBuilder.Model(dropout: 0.5);
        Assert.False(model.get_text_features(ModelBuilder.Ids()).allclose(model.get_text_features(ModelBuilder.Ids())));
        model.eval();
        Assert.True(model.get_text_features(ModelBuilder.Ids()).allclose(model.get_text_features(ModelBuilder.Ids())));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, 0.1)]
    [InlineData(ScalarType.Float64, 1e-4)]
    public void ComputesInAnotherType(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelBuilder.Model();
        model.eval();
        var reference = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels());
        model.to(dtype);
        Assert.All(model.parameters(), parameter => Assert.Equal(dtype, parameter.dtype));
        var output = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), ones(2, 6, dtype: int64));
        Assert.Equal(dtype, output.TextEmbeds.dtype);
        Assert.True(output.TextEmbeds.to(float32).allclose(reference.TextEmbeds, rtol: 0, atol: tolerance));
        Assert.True(output.ImageEmbeds.to(float32).allclose(reference.ImageEmbeds, rtol: 0, atol: tolerance));
    }

    [Fact]
    public void FusedAndStepwiseAttentionAgree()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelBuilder.Model();
        model.eval();
        var mask = tensor(new long[,] { { 1, 1, 1, 1, 1, 1 }, { 1, 1, 1, 0, 0, 0 } });
        var fused = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), mask);
        var stepwise = model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), mask, output_attentions: true);
        Assert.True(fused.LogitsPerImage.allclose(stepwise.LogitsPerImage, rtol: 0, atol: 1e-5));
    }

    [Fact]
    public void ConvertingLeavesNothingBehind() => LiveTensors.AssertUnchanged(() =>
    {
        using var model = ModelBuilder.Model();
        model.to(ScalarType.BFloat16);
        model.to(ScalarType.Float32);
    });

    [Fact]
    public void StatesCopyAndFilesLoad()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var source = ModelBuilder.Model();
        using var copy = ModelBuilder.Model();
        copy.load_state_dict(source.state_dict());
        AssertSame(source, copy);
        source.save(folder.File("model.dat"));
        using var loaded = ModelBuilder.Model();
        loaded.load(folder.File("model.dat"));
        AssertSame(source, loaded);

        static void AssertSame(AltCLIPModel expected, AltCLIPModel actual)
        {
            actual.eval();
            expected.eval();
            Assert.True(expected.get_text_features(ModelBuilder.Ids()).Equals(actual.get_text_features(ModelBuilder.Ids())));
        }
    }

    [Fact]
    public void FusedAndStepwiseAttentionHaveTheSameGradients()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model(dropout: 0);
        Dictionary<string, Tensor> Gradients(bool stepwise)
        {
            model.zero_grad();
            model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true, output_attentions: stepwise).Loss!.backward();
            return model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        }
        var (fused, expected) = (Gradients(stepwise: false), Gradients(stepwise: true));
        Assert.All(fused, p => Assert.True(p.Value.allclose(expected[p.Key], rtol: 1e-4, atol: 1e-5), p.Key));
    }

    [Fact]
    public void ADecoderTakesAMaskForEachToken()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = ModelBuilder.Config().TextConfig with { IsDecoder = true };
        using var model = new AltCLIPTextModel(config, WeightInitialization.FanIn);
        model.eval();
        var causal = ones(6, 6).tril().expand(2, 6, 6);
        var expected = model.forward(ModelBuilder.Ids()).LastHiddenState;
        Assert.True(model.forward(ModelBuilder.Ids(), causal).LastHiddenState.allclose(expected, rtol: 0, atol: 1e-6));
        Assert.False(model.forward(ModelBuilder.Ids(), ones(2, 6, 6)).LastHiddenState.allclose(expected, rtol: 0, atol: 1e-3));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void ATextWithNothingToAttendToIsFiniteInHalfPrecision(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelBuilder.Model();
        model.eval();
        model.to(dtype);
        Assert.True(model.get_text_features(ModelBuilder.Ids(), zeros(2, 6, dtype: int64)).isfinite().all().ToBoolean());
    }

    [Fact]
    public void AParameterMayBeSetToItself()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        model.logit_scale = model.logit_scale;
        Assert.Equal(2.6592, model.logit_scale.ToDouble(), 1e-6);
        Assert.Throws<ArgumentNullException>(() => model.logit_scale = null!);
        Assert.False(model.logit_scale.IsInvalid);
    }

    [Fact]
    public void StateNamesAreTheCheckpoints()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var file = SafeTensors.Open(TestData.Path("checkpoints", "base", "model.safetensors"));
        Assert.Equal(file.Names.Order(), model.state_dict().Keys.Order());
    }
}
