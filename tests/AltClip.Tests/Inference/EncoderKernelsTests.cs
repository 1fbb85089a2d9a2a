using AltClip.Configuration;
using AltClip.Inference;
using AltClip.Modeling;
using AltClip.Modeling.Text;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>
/// Both archives of the encoders' code, in every precision and with every activation. One that libtorch can't read ends the process: of
/// what loading throws, TorchSharp catches not all.
/// </summary>
[Collection(nameof(ProcessWide))]
public sealed class EncoderKernelsTests
{
    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void OrdinaryProductsGiveTheModelsEmbeddings(InferencePrecision precision)
    {
        using var kernels = EncoderKernels.Ordinary(precision, CPU);
        Assert.All(Enum.GetValues<ActivationFunction>(), activation => AssertTheModelsEmbeddings(activation, kernels, precision));
    }

    /// <summary>In float32 <see cref="AltCLIPInferenceTests"/> has all activations.</summary>
    [Theory]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void ThisProcessorsProductsGiveTheModelsEmbeddings(InferencePrecision precision)
    {
        using var kernels = EncoderKernels.Load(precision, CPU);
        Assert.All(Enum.GetValues<ActivationFunction>(), activation => AssertTheModelsEmbeddings(activation, kernels, precision));
    }

    /// <summary>libtorch for Macs is built without them, so that the code for every device must do without.</summary>
    [Fact]
    public void OperatorsOfOneDnnAreNamedInItsProductsOnly()
    {
        foreach (var source in new[] { "Encoder.py", "OrdinaryProduct.py" })
        {
            using var stream = typeof(EncoderKernels).Assembly.GetManifestResourceStream(source)!;
            using var reader = new StreamReader(stream);
            Assert.DoesNotContain("ops.", reader.ReadToEnd().Replace("ops.prim.", ""));
        }
    }

    private static void AssertTheModelsEmbeddings(ActivationFunction activation, EncoderKernels kernels, InferencePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        manual_seed(1);
        // heads of 8, which panels are not made for
        var config = AltCLIPInferenceTests.WithActivation(AltCLIPInferenceTests.Config(width: 32), activation);
        using var model = new AltCLIPModel(config, WeightInitialization.FanIn);
        model.eval();
        using var text = new TextTower(model, kernels, precision, release: false);
        using var vision = new VisionTower(model, kernels, precision, release: false);
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 3, 7), AltCLIPInferenceTests.Pixels(model, 2));
        var least = precision == InferencePrecision.Float32 ? 0.999999 : 0.999;
        var texts = TextInputs.Checked(config.TextConfig, ids, null, null, null);
        Assert.InRange(WorstCosine(model.get_text_features(ids), text.Encode(texts)), least, 1.00001);
        Assert.InRange(WorstCosine(model.get_image_features(pixels), vision.Encode(pixels)), least, 1.00001);
    }

    private static double WorstCosine(Tensor expected, Tensor actual) => nn.functional.cosine_similarity(expected, actual, 1).min().ToDouble();
}
