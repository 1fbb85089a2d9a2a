using AltClip.Imaging;
using AltClip.Inference;
using AltClip.Inference.Kernels;
using AltClip.Inference.Kernels.Libtorch;
using AltClip.Modeling;
using AltClip.Modeling.Text;
using AltClip.Pipeline.Explanation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>The model, inference and the pipeline on <see cref="TestDevice"/> give the CPU's numbers.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DeviceTests
{
    private static readonly string Folder = TestData.Path("e2e");
    private static readonly string[] Texts = ["a photo of a cat", "一只在窗边睡觉的猫的照片，非常可爱", "x", "صورة كلب"];

    private static ImageSource[] Pictures =>
        [.. ((string[])["x_cat.jpg", "x_dog.jpg", "dog.jpeg", "1.jpeg", "0.jpg"]).Select(name => ImageSource.FromFile(TestData.Path("images", "real", name)))];

    [Theory]
    [InlineData("base")]
    [InlineData("odd")]
    public void TheModelComputesAndLearns(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var expected = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(expected, 3, 6), AltCLIPInferenceTests.Pixels(expected, 3));
        var mask = tensor(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0 }, 3, 6);
        var output = expected.forward(ids, pixels, mask, return_loss: true);
        output.Loss!.backward();

        using var failing = TestDevice.ForgottenDevicesFail();
        var device = TestDevice.Current;
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint), device: device);
        Assert.All(model.parameters(), parameter => Assert.Equal(device.type, parameter.device_type));
        var found = model.forward(ids.to(device), pixels.to(device), mask.to(device), return_loss: true);
        found.Loss!.backward();
        AssertClose(output.LogitsPerText, found.LogitsPerText);
        AssertClose(output.Loss!, found.Loss!);
        foreach (var (name, parameter) in expected.named_parameters())
        {
            if (parameter.grad is { } gradient) AssertClose(gradient, model.get_parameter(name)!.grad!);
        }
    }

    [Theory]
    [InlineData("decoder")]
    [InlineData("cross")]
    [InlineData("relative-key")]
    [InlineData("relative-key-query")]
    public void TextModelsCompute(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var expected = AltCLIPTextModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        var ids = randint(2, expected.Config.VocabSize, [3, 6], dtype: int64);
        using var output = expected.forward(ids);

        using var failing = TestDevice.ForgottenDevicesFail();
        using var model = AltCLIPTextModel.FromPretrained(TestData.Path("checkpoints", checkpoint), device: TestDevice.Current);
        using var found = model.forward(ids.to(TestDevice.Current));
        AssertClose(output.PoolerOutput, found.PoolerOutput);
    }

    [Theory]
    [InlineData(InferencePrecision.Float32, 0)]
    [InlineData(InferencePrecision.BFloat16, 0.05)]
    [InlineData(InferencePrecision.Int8, 0.05)]
    public void InferenceComputes(InferencePrecision precision, double rough)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var expected = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64), WeightInitialization.FanIn);
        expected.eval();
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(expected, 5, 7), AltCLIPInferenceTests.Pixels(expected, 5));
        var mask = arange(7).unsqueeze(0).lt(tensor(new long[] { 7, 1, 3, 7, 2 }).unsqueeze(1)).to(int64);
        var (text, image) = (expected.get_text_features(ids, mask).ToUnitLength(), expected.get_image_features(pixels).ToUnitLength());

        using var model = expected.to(TestDevice.Current);
        using var failing = TestDevice.ForgottenDevicesFail();
        model.ForEachKernel(inference =>
        {
            foreach (var inputs in new[] { TestDevice.Current, CPU })
            {
                AssertClose(text, inference.get_text_features(ids.to(inputs), mask.to(inputs)).ToUnitLength(), rough);
                AssertClose(image, inference.get_image_features(pixels.to(inputs)).ToUnitLength(), rough);
                using var both = inference.forward(ids.to(inputs), pixels.to(inputs), mask.to(inputs));
                AssertClose(text, both.TextEmbeds, rough);
            }
        }, precision);
    }

    /// <summary>What is for GPUs, on a device of choice and in small: texts with their padding, and more of them than are computed at once.</summary>
    [Theory]
    [InlineData(3, 20)]
    [InlineData(2, 1)]
    [InlineData(256, 1 << 16)]
    public void ManyAtOnceGiveWhatEachAloneGives(int pictures, int paddedTokens)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var source = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var text = AltCLIPTextModel.FromPretrained(TestData.Path("checkpoints", "decoder"));
        using var decoder = new AltCLIPModel(
            AltCLIPConfig.FromTextVisionConfigs(text.Config, source.Config.VisionConfig, 16), WeightInitialization.FanIn);
        decoder.eval();
        foreach (var expected in new[] { source, decoder })
        {
            var (ids, pixels) = (AltCLIPInferenceTests.Ids(expected, 7, 6), AltCLIPInferenceTests.Pixels(expected, 7));
            var mask = arange(6).unsqueeze(0).lt(tensor(new long[] { 6, 1, 3, 6, 2, 4, 5 }).unsqueeze(1)).to(int64);
            Tensor?[] masks = [mask, null];
            var embeddings = masks.Select(one => expected.get_text_features(ids, one)).ToArray();
            var images = expected.get_image_features(pixels);

            using var model = expected.to(TestDevice.Current);
            using var failing = TestDevice.ForgottenDevicesFail();
            var kernel = new EncoderCandidate(new LibtorchKernel(new LibtorchBatches(pictures, paddedTokens)), InferencePrecision.Float32);
            using var texts = new TextTower(model, kernel, release: false);
            using var vision = new VisionTower(model, kernel, release: false);
            foreach (var (one, embedding) in masks.Zip(embeddings))
                AssertClose(embedding, texts.Encode(TextInputs.Checked(model.Config.TextConfig, ids, one, null, null)));
            AssertClose(images, vision.Encode(pixels));
        }
    }

    [Theory]
    [InlineData(InferencePrecision.Float32, 0)]
    [InlineData(InferencePrecision.BFloat16, 0.05)]
    public async Task ThePipelineComputes(InferencePrecision precision, double rough)
    {
        using var scope = NewDisposeScope();
        using var expected = AltCLIPPipeline.FromPretrained(Folder);
        var (texts, images) = (expected.EmbedText(Texts), expected.EmbedImages(Pictures));

        using var failing = TestDevice.ForgottenDevicesFail();
        var options = new AltCLIPPipelineOptions { Device = TestDevice.Current, Precision = precision, Images = new() { OnError = ImageErrorHandling.Skip } };
        using var pipeline = AltCLIPPipeline.FromPretrained(Folder, options with { TextBatchSize = 3, ImageBatchSize = 2 });
        AssertClose(texts, pipeline.EmbedText(Texts), rough);
        AssertClose(images, pipeline.EmbedImages(Pictures), rough);
        Assert.Equal(texts.shape[0], pipeline.Similarity(Texts, Pictures).GetLength(0));
        Assert.Equal(Texts.Length, pipeline.Classify(Pictures[0], Texts, ["a photo of a {}", "{}"]).Count);
        using var classifier = pipeline.CreateClassifier(Texts);
        var rows = images.ToRows();
        await foreach (var image in pipeline.EncodeImagesAsync([.. Pictures, ImageSource.FromBytes(new byte[50], "broken.png")]))
        {
            Assert.Equal(image.Index == Pictures.Length, image.Error is not null);
            if (image.Error is not null) continue;
            AssertClose(tensor(rows[image.Index], device: CPU), tensor(image.Embedding.ToArray(), device: CPU), rough);
            Assert.Equal(Texts.Length, classifier.Classify(image.Embedding).Count);
        }
        Assert.Equal(
            TestDevice.Current.type == DeviceType.CPU ? (64, 8) : (256, 128), (options.TextBatchSize, options.ImageBatchSize));
    }

    [Fact]
    public void BatchesAreTheDevices()
    {
        Assert.Equal(new LibtorchBatches(1, null), LibtorchBatches.Of(CPU, ScalarType.Float32));
        Assert.Equal(new LibtorchBatches(4, null), LibtorchBatches.Of(CPU, ScalarType.BFloat16));
        Assert.Equal(LibtorchBatches.Gpu, LibtorchBatches.Of(META, ScalarType.BFloat16));
        Assert.Equal((256, 128), (new AltCLIPPipelineOptions { Device = META }.TextBatchSize, new AltCLIPPipelineOptions { Device = META }.ImageBatchSize));
        Assert.Equal(5, new AltCLIPPipelineOptions { Device = META, ImageBatchSize = 5 }.ImageBatchSize);
    }

    [Fact]
    public void APictureIsExplainedAndAModelIsSaved()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        using var expected = AltCLIPModel.FromPretrained(Folder);
        var explained = PatchRelevance.Explain(expected, processor, Pictures[0], Texts);

        using var failing = TestDevice.ForgottenDevicesFail();
        using var model = AltCLIPModel.FromPretrained(Folder, device: TestDevice.Current);
        foreach (var (one, other) in explained.Zip(PatchRelevance.Explain(model, processor, Pictures[0], Texts)))
            Assert.Equal(one.Similarity, other.Similarity, TestDevice.Tolerance);
        model.SavePretrained(folder.Path);
        using var loaded = AltCLIPModel.FromPretrained(folder.Path);
        Assert.All(expected.named_parameters(), pair => Assert.True(pair.parameter.equal(loaded.get_parameter(pair.name)!).all().item<bool>(), pair.name));
    }

    [Fact]
    public void APictureMayBeATensorThere()
    {
        using var scope = NewDisposeScope();
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        var pixels = rand(3, 20, 30);
        using var expected = processor.Process(images: [ImageSource.FromTensor(pixels, TensorLayout.ChannelsHeightWidth)]);
        using var failing = TestDevice.ForgottenDevicesFail();
        using var found = processor.Process(
            images: [ImageSource.FromTensor(pixels.to(TestDevice.Current), TensorLayout.ChannelsHeightWidth)], options: new() { Device = TestDevice.Current });
        AssertClose(expected.PixelValues!, found.PixelValues!);
    }

    private static void AssertClose(Tensor expected, Tensor found, double rough = 0)
    {
        using var scope = NewDisposeScope();
        var scale = Math.Max(1, expected.abs().max().ToDouble());
        Assert.InRange((found.to(ScalarType.Float32, CPU) - expected.cpu()).abs().max().ToDouble() / scale, 0, Math.Max(rough, TestDevice.Tolerance));
    }
}
