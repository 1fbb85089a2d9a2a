using AltClip.Configuration;
using AltClip.Modeling;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class AltCLIPInferenceTests
{
    public static TheoryData<string> Checkpoints =>
        ["base", "odd", "base-f16", "base-v5", "act-gelu", "act-gelu_new", "act-gelu_pytorch_tanh", "act-quick_gelu", "act-relu", "act-silu"];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void InFloat32ItGivesTheModelsEmbeddings(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        model.ForEachKernel(inference =>
        {
            var (ids, mask, pixels) = (Ids(model, 4, 9), PaddingMask(9, 4, 9, 1, 4), Pixels(model, 3));

            AssertClose(model.get_image_features(pixels), inference.get_image_features(pixels));
            AssertClose(model.get_text_features(ids), inference.get_text_features(ids));
            AssertClose(model.get_text_features(ids, mask), inference.get_text_features(ids, mask));
            var (expected, actual) = (model.forward(ids, pixels, mask), inference.forward(ids, pixels, mask));
            AssertClose(expected.LogitsPerImage, actual.LogitsPerImage);
            AssertClose(expected.LogitsPerText, actual.LogitsPerText);
            AssertClose(expected.TextEmbeds, actual.TextEmbeds);
            AssertClose(expected.ImageEmbeds, actual.ImageEmbeds);
        });
    }

    [Fact]
    public void SeluWhichNoProductFusesIsTheSame()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = WithActivation(Config(width: 32), ActivationFunction.Selu);
        using var model = new AltCLIPModel(config, WeightInitialization.FanIn);
        model.eval();
        model.ForEachKernel(inference =>
        {
            var (ids, pixels) = (Ids(model, 2, 5), Pixels(model, 2));
            AssertClose(model.get_text_features(ids), inference.get_text_features(ids));
            AssertClose(model.get_image_features(pixels), inference.get_image_features(pixels));
        });
    }

    [Theory]
    [InlineData(InferencePrecision.BFloat16, 0.9995)]
    [InlineData(InferencePrecision.Int8, 0.999)]
    public void LowerPrecisionKeepsTheDirection(InferencePrecision precision, double cosine)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        manual_seed(1);
        using var model = new AltCLIPModel(Config(width: 128), WeightInitialization.FanIn);
        model.eval();
        model.ForEachKernel(inference =>
        {
            var (ids, mask, pixels) = (Ids(model, 4, 9), PaddingMask(9, 4, 9, 1, 4), Pixels(model, 3));
            var (text, image) = (inference.get_text_features(ids, mask), inference.get_image_features(pixels));

            Assert.Equal(ScalarType.Float32, text.dtype);
            Assert.InRange(WorstCosine(model.get_text_features(ids, mask), text), cosine, 1.00001);
            Assert.InRange(WorstCosine(model.get_image_features(pixels), image), cosine, 1.00001);
            Assert.Equal(precision, inference.Precision);
        }, precision);
    }

    [Fact]
    public void MasksThatAreMoreThanPaddingAreTheModels()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        var ids = Ids(model, 4, 6);
        Tensor[] masks =
        [
            tensor(new long[,] { { 1, 0, 1, 1, 0, 1 }, { 1, 1, 1, 1, 1, 1 }, { 1, 0, 0, 0, 0, 1 }, { 1, 0, 0, 0, 0, 0 } }), // holes
            tensor(new long[,] { { 0, 1, 1, 1, 0, 1 }, { 1, 1, 1, 1, 1, 1 }, { 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 1 } }), // no class token
            tensor(new[] { 1, 0.5f, 1, 0, 1, 1 }).expand(4, 6), // neither 0 nor 1
            ones(4, 6, 6).tril(), // a row for each query
        ];
        model.ForEachKernel(inference =>
        {
            foreach (var mask in masks) AssertClose(model.get_text_features(ids, mask), inference.get_text_features(ids, mask));
        });

        // The same where heads are wide enough for panels.
        using var wide = new AltCLIPModel(Config(width: 64), WeightInitialization.FanIn);
        wide.eval();
        wide.ForEachKernel(inference =>
        {
            foreach (var mask in masks) AssertClose(wide.get_text_features(ids, mask), inference.get_text_features(ids, mask));
        });
    }

    [Fact]
    public void LongTextsAreTheModels()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = Config(width: 64);
        config = config with { TextConfig = config.TextConfig with { MaxPositionEmbeddings = 700 } };
        using var model = new AltCLIPModel(config, WeightInitialization.FanIn);
        model.eval();
        model.ForEachKernel(inference =>
        {
            var (ids, mask) = (Ids(model, 3, 530), PaddingMask(530, 530, 25, 49));
            AssertClose(model.get_text_features(ids, mask), inference.get_text_features(ids, mask));
        });
    }

    [Theory]
    [InlineData("decoder")]
    [InlineData("cross")]
    public void ADecoderSeesOnlyWhatIsBefore(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var text = AltCLIPTextModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        var config = AltCLIPConfig.FromTextVisionConfigs(text.Config, Config(width: 32).VisionConfig, 16);
        using var model = new AltCLIPModel(config, WeightInitialization.FanIn);
        model.eval();
        model.ForEachKernel(inference =>
        {
            var (ids, mask) = (Ids(model, 2, 6), PaddingMask(6, 3, 6));
            AssertClose(model.get_text_features(ids), inference.get_text_features(ids));
            AssertClose(model.get_text_features(ids, mask), inference.get_text_features(ids, mask));
        });
    }

    [Fact]
    public void PositionsAndTokenTypesAreTakenAsGiven()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "odd"));
        model.ForEachKernel(inference =>
        {
            var config = model.Config.TextConfig;
            var (ids, mask) = (Ids(model, 3, 5), PaddingMask(5, 2, 4, 5));
            var types = randint(0, config.TypeVocabSize, [3, 5], dtype: int64);
            foreach (var positions in new[] { randint(0, config.MaxPositionEmbeddings, [3, 5], dtype: int64), arange(5).unsqueeze(0) })
                AssertClose(model.get_text_features(ids, mask, positions, types), inference.get_text_features(ids, mask, positions, types));
            var narrow = ids.to(int32);
            AssertClose(model.get_text_features(narrow, mask), inference.get_text_features(narrow, mask));
        });
    }

    [Theory]
    [InlineData(InferencePrecision.Float32, 1e-5)]
    [InlineData(InferencePrecision.BFloat16, 0.2)]
    public void PicturesOfOtherSizes(InferencePrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        model.ForEachKernel(inference =>
        {
            var (size, patch) = (model.Config.VisionConfig.ImageSize, model.Config.VisionConfig.PatchSize);
            foreach (var (height, width) in new[] { (size, size), (size + patch, size), (patch, 3 * patch), (size + 1, size - 1) })
            {
                var pixels = rand(2, 3, height, width);
                AssertClose(model.get_image_features(pixels, true), inference.get_image_features(pixels, true), tolerance);
            }
        }, precision);
    }

    [Fact]
    public void ResultsDoNotDependOnTheRestOfTheBatch()
    {
        using var scope = NewDisposeScope();
        using var model = new AltCLIPModel(Config(width: 64), WeightInitialization.FanIn);
        model.ForEachKernel(inference =>
        {
            var random = new Random(3);
            var lengths = Enumerable.Range(0, 70).Select(_ => random.Next(1, 30)).ToArray();
            var (ids, mask, pixels) = (Ids(model, 70, 30), PaddingMask(30, lengths), Pixels(model, 9));
            var (texts, pictures) = (inference.get_text_features(ids, mask), inference.get_image_features(pixels));
            for (var i = 0; i < lengths.Length; i++) AssertClose(inference.get_text_features(ids[i, ..lengths[i]].unsqueeze(0)), texts[i].unsqueeze(0));
            for (var i = 0; i < 9; i++) AssertClose(inference.get_image_features(pixels[i].unsqueeze(0)), pictures[i].unsqueeze(0));
        });
    }

    [Fact]
    public void GradientsAreNotRecorded()
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        using var inference = model.ForInference();
        using var features = inference.get_text_features(ModelBuilder.Ids());
        Assert.False(features.requires_grad);
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public async Task ThreadsMayShareOne()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var inference = model.ForInference();
        using var scope = NewDisposeScope();
        var (ids, pixels) = (Ids(model, 3, 7), Pixels(model, 2));
        var (text, image) = (inference.get_text_features(ids), inference.get_image_features(pixels));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var inner = NewDisposeScope();
            for (var i = 0; i < 10; i++)
            {
                AssertClose(text, inference.get_text_features(ids));
                AssertClose(image, inference.get_image_features(pixels));
            }
        }, TestContext.Current.CancellationToken)));
    }

    internal static AltCLIPConfig WithActivation(AltCLIPConfig config, ActivationFunction activation) => config with
    {
        TextConfig = config.TextConfig with { HiddenAct = activation },
        VisionConfig = config.VisionConfig with { HiddenAct = activation },
    };

    internal static AltCLIPConfig Config(int width) => AltCLIPConfig.FromTextVisionConfigs(
        new AltCLIPTextConfig
        {
            VocabSize = 100,
            HiddenSize = width,
            NumHiddenLayers = 3,
            NumAttentionHeads = 4,
            IntermediateSize = 2 * width,
            MaxPositionEmbeddings = 40,
            ProjectDim = width / 2,
        },
        new AltCLIPVisionConfig
        {
            HiddenSize = width,
            NumHiddenLayers = 3,
            NumAttentionHeads = 4,
            IntermediateSize = 2 * width,
            ImageSize = 24,
            PatchSize = 8,
        },
        width / 2);

    internal static Tensor Ids(AltCLIPModel model, long texts, long sequence) =>
        randint(2, model.Config.TextConfig.VocabSize, [texts, sequence], dtype: int64);

    internal static Tensor Pixels(AltCLIPModel model, long pictures)
    {
        var config = model.Config.VisionConfig;
        return randn(pictures, config.NumChannels, config.ImageSize, config.ImageSize);
    }

    private static Tensor PaddingMask(int sequence, params int[] lengths)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter((arange(sequence).unsqueeze(0) < tensor(lengths).unsqueeze(1)).to(int64));
    }

    private static double WorstCosine(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        return nn.functional.cosine_similarity(expected, actual, 1).min().ToDouble();
    }

    /// <summary>Within the tolerance, or that part of the largest number.</summary>
    private static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var difference = (actual.to(float64) - expected.to(float64)).abs().max().ToDouble();
        Assert.InRange(difference, 0, tolerance * Math.Max(1, expected.abs().max().ToDouble()));
    }
}
