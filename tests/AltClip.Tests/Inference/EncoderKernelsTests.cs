using AltClip.Configuration;
using AltClip.Inference;
using AltClip.Inference.Kernels;
using AltClip.Modeling;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>
/// Every kernel in every precision and with every activation. oneDNN's archive must be readable: of what loading one throws, TorchSharp catches
/// not all.
/// </summary>
[Collection(nameof(ProcessWide))]
public sealed class EncoderKernelsTests
{
    public static MatrixTheoryData<string, InferencePrecision> Cases =>
        new(EncoderKernels.All.Select(kernel => kernel.Name), Enum.GetValues<InferencePrecision>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void ItGivesTheModelsEmbeddings(string kernel, InferencePrecision precision)
    {
        // Heads of 8, which panels are not made for, and of 16.
        foreach (var width in new[] { 32, 64 })
            Assert.All(Enum.GetValues<ActivationFunction>(), activation => AssertTheModelsEmbeddings(kernel, precision, width, activation));
    }

    [Fact]
    public void WhatIsAskedForRunsAndIsNamed()
    {
        using var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64), WeightInitialization.FanIn);
        foreach (var kernel in InferenceKernels.Of(model))
        {
            using var inference = model.ForInference(new() { Kernel = kernel.ToLowerInvariant() });
            Assert.Equal((kernel, kernel), (inference.TextKernel, inference.ImageKernel));
            using var images = model.ForInference(new() { Kernel = kernel, Towers = InferenceTowers.Image });
            Assert.Equal((null, kernel), (images.TextKernel, images.ImageKernel));
        }
        using var chosen = model.ForInference(new() { Towers = InferenceTowers.Text });
        Assert.Contains(chosen.TextKernel, InferenceKernels.Of(model));
        Assert.Null(chosen.ImageKernel);
    }

    [Fact]
    public void TheEnvironmentNamesAKernelWhereTheOptionsDoNot()
    {
        using var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 32), WeightInitialization.FanIn);
        try
        {
            Environment.SetEnvironmentVariable(EncoderKernels.Variable, "libtorch");
            using (var asked = model.ForInference()) Assert.Equal(("Libtorch", "Libtorch"), (asked.TextKernel, asked.ImageKernel));
            using (var option = model.ForInference(new() { Kernel = InferenceKernels.Of(model)[0] }))
                Assert.Equal(InferenceKernels.Of(model)[0], option.TextKernel);
            Environment.SetEnvironmentVariable(EncoderKernels.Variable, "Vulkan");
            Assert.Contains($"{EncoderKernels.Variable} is 'Vulkan'", Assert.Throws<ArgumentException>(() => model.ForInference()).Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(EncoderKernels.Variable, null);
        }
    }

    [Theory]
    [InlineData("Vulkan")]
    [InlineData("Panels")] // not for heads of 8
    [InlineData("")]
    public void WhatCannotRunIsRefusedWithWhatCan(string kernel)
    {
        using var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 32), WeightInitialization.FanIn);
        LiveTensors.AssertUnchanged(() =>
        {
            var message = Assert.Throws<ArgumentException>(() => model.ForInference(new() { Kernel = kernel, ReleaseSourceWeights = true })).Message;
            Assert.Contains($"'{kernel}'", message);
            Assert.Contains($": {string.Join(", ", InferenceKernels.Of(model))}.", message);
        });
        model.ForInference().Dispose();
    }

    [Fact]
    public void TheLastSupportsEverything()
    {
        using var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 32));
        foreach (var precision in Enum.GetValues<InferencePrecision>())
            foreach (var device in new[] { CPU, META })
                Assert.Contains(EncoderKernels.All[^1], EncoderKernels.Supported(EncoderSpec.Text(model), precision, device));
        Assert.Equal(EncoderKernels.All.Count, EncoderKernels.All.Select(kernel => kernel.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    private static void AssertTheModelsEmbeddings(string kernel, InferencePrecision precision, int width, ActivationFunction activation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        manual_seed(1);
        var config = AltCLIPInferenceTests.WithActivation(AltCLIPInferenceTests.Config(width), activation);
        using var model = new AltCLIPModel(config, WeightInitialization.FanIn);
        model.eval();
        if (!InferenceKernels.Of(model, precision).Contains(kernel)) return;
        using var inference = model.ForInference(new() { Kernel = kernel, Precision = precision });
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 3, 7), AltCLIPInferenceTests.Pixels(model, 2));
        var least = precision == InferencePrecision.Float32 ? 0.999999 : 0.999;
        Assert.InRange(WorstCosine(model.get_text_features(ids), inference.get_text_features(ids)), least, 1.00001);
        Assert.InRange(WorstCosine(model.get_image_features(pixels), inference.get_image_features(pixels)), least, 1.00001);
    }

    private static double WorstCosine(Tensor expected, Tensor actual) => nn.functional.cosine_similarity(expected, actual, 1).min().ToDouble();
}
