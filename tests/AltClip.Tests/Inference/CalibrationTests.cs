using AltClip.Checkpoints;
using AltClip.Inference;
using AltClip.Inference.Calibration;
using AltClip.Inference.Kernels;
using AltClip.Modeling;
using AltClip.Modeling.Adapters;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class CalibrationTests : IDisposable
{
    private static readonly InferenceOptions Int8 = new() { Precision = InferencePrecision.Int8 };

    private readonly TemporaryFolder _folder = new();

    private string CalibrationPath => _folder.File(CalibrationFile.Name);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OutliersCostLessThanWithout() => LiveTensors.AssertUnchanged(() =>
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = WithOutliers();
        var calibration = Calibrated(model);
        Assert.Contains(calibration.Text!.Products.Values, product => product.Smoothing is not null);
        Assert.Contains(calibration.Image!.Products.Values, product => product.Smoothing is not null);
        Assert.Equal(
            EncoderSpec.Text(model).Layers.SelectMany(layer => layer.Weights()).Select(product => product.Name).Order(),
            calibration.Text.Products.Keys.Order());

        // Inputs that it has not seen.
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 16, 12), AltCLIPInferenceTests.Pixels(model, 16));
        var (texts, pictures) = (model.get_text_features(ids).ToUnitLength(), model.get_image_features(pixels).ToUnitLength());
        foreach (var kernel in InferenceKernels.Of(model, InferencePrecision.Int8))
        {
            using var plain = model.ForInference(Int8 with { Kernel = kernel });
            using var calibrated = AltCLIPInferenceExtensions.Pack(model, Int8 with { Kernel = kernel }, null, calibration);
            Assert.False(plain.IsTextCalibrated || plain.IsImageCalibrated);
            Assert.Equal(calibrated.IsTextCalibrated, calibrated.IsImageCalibrated);
            var (before, after) = (Exactness.Of(texts, plain.get_text_features(ids)), Exactness.Of(texts, calibrated.get_text_features(ids)));
            var (beforeImage, afterImage) = (Exactness.Of(pictures, plain.get_image_features(pixels)), Exactness.Of(pictures, calibrated.get_image_features(pixels)));
            if (calibrated.IsTextCalibrated)
            {
                Assert.InRange(1 - after.Mean, 0, 0.7 * (1 - before.Mean));
                Assert.InRange(1 - afterImage.Mean, 0, 0.7 * (1 - beforeImage.Mean));
            }
            else
            {
                // What heeds no calibration is not changed by it. (In which of several precisions a kernel computes is measured at each packing.)
                if (plain.TextPrecision == calibrated.TextPrecision)
                    Assert.Equal(Numbers(plain.get_text_features(ids)), Numbers(calibrated.get_text_features(ids)));
                if (plain.ImagePrecision == calibrated.ImagePrecision)
                    Assert.Equal(Numbers(plain.get_image_features(pixels)), Numbers(calibrated.get_image_features(pixels)));
            }
        }
    });

    [Fact]
    public void ItIsReadAsItWasWrittenAndUsedWhereItLies()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = WithOutliers();
        var made = Calibrated(model);
        var calibration = made with { Text = Static(made.Text!) };
        model.SavePretrained(_folder.Path);
        using (var without = AltCLIPInference.FromPretrained(_folder.Path, Int8)) Assert.False(without.IsTextCalibrated);
        CalibrationFile.Write(CalibrationPath, calibration);

        LiveTensors.AssertUnchanged(() =>
        {
            var read = CalibrationFile.Read(CalibrationPath);
            AssertSame(calibration.Text!, read.Text!);
            AssertSame(calibration.Image!, read.Image!);
        });

        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 4, 9), AltCLIPInferenceTests.Pixels(model, 2));
        using var packed = AltCLIPInferenceExtensions.Pack(model, Int8, null, calibration);
        using var loaded = AltCLIPInference.FromPretrained(_folder.Path, Int8);
        Assert.Equal(packed.IsTextCalibrated, loaded.IsTextCalibrated);
        Assert.Equal(Numbers(packed.get_text_features(ids)), Numbers(loaded.get_text_features(ids)));
        Assert.Equal(Numbers(packed.get_image_features(pixels)), Numbers(loaded.get_image_features(pixels)));

        using var plain = model.ForInference(Int8);
        using var ignoring = AltCLIPInference.FromPretrained(_folder.Path, Int8 with { IgnoreCalibration = true });
        Assert.False(ignoring.IsTextCalibrated || ignoring.IsImageCalibrated);
        Assert.Equal(Numbers(plain.get_text_features(ids)), Numbers(ignoring.get_text_features(ids)));
        using var full = AltCLIPInference.FromPretrained(_folder.Path);
        Assert.False(full.IsTextCalibrated);
        using var half = AltCLIPInference.FromPretrained(_folder.Path, Int8 with { Towers = InferenceTowers.Image });
        Assert.False(half.IsTextCalibrated);
        Assert.Equal(packed.IsImageCalibrated, half.IsImageCalibrated);
    }

    [Fact]
    public void ThatOfOtherWeightsIsRefusedByName()
    {
        using var noGrad = no_grad();
        using var model = WithOutliers();
        CalibrationFile.Write(CalibrationPath, Calibrated(model));
        model.vision_model.encoder.layers[1].mlp.fc1.bias!.fill_(0.25f);
        model.SavePretrained(_folder.Path);
        var error = Assert.Throws<CheckpointException>(() => AltCLIPInference.FromPretrained(_folder.Path, Int8));
        Assert.Equal(CheckpointError.StateMismatch, error.Error);
        Assert.Equal(CalibrationPath, error.Path);
        Assert.Contains("'vision_model.encoder.layers.1'", error.Message);
        Assert.Contains("altclip quantize", error.Message);

        // The other encoder's is right, and what doesn't use it doesn't ask.
        using var texts = AltCLIPInference.FromPretrained(_folder.Path, Int8 with { Towers = InferenceTowers.Text });
        using var ignoring = AltCLIPInference.FromPretrained(_folder.Path, Int8 with { IgnoreCalibration = true });
        using var full = AltCLIPInference.FromPretrained(_folder.Path);
    }

    [Fact]
    public void ThatOfAnotherShapeIsRefused()
    {
        using var model = WithOutliers();
        using var other = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 128));
        var calibration = Calibrated(model);
        Assert.Contains("inputs", calibration.Problem(other));
        var first = calibration.Image!.Digests.First();
        var fewer = calibration with { Image = calibration.Image with { Digests = new Dictionary<string, long> { [first.Key] = first.Value } } };
        Assert.Contains("1 layers", fewer.Problem(model));
        Assert.Null(calibration.Problem(model));
    }

    [Fact]
    public void AFileThatWasChangedIsRefused()
    {
        using var model = WithOutliers();
        var calibration = Calibrated(model);
        CalibrationFile.Write(CalibrationPath, calibration);
        var bytes = File.ReadAllBytes(CalibrationPath);
        bytes[^1] ^= 1;
        File.WriteAllBytes(CalibrationPath, bytes);
        Assert.Equal(CheckpointError.Changed, Assert.Throws<CheckpointException>(() => CalibrationFile.Read(CalibrationPath)).Error);

        File.WriteAllBytes(CalibrationPath, bytes[..^4]);
        Assert.Throws<CheckpointException>(() => CalibrationFile.Read(CalibrationPath));

        using (var ones = torch.ones(3)) SafeTensors.Save(CalibrationPath, new Dictionary<string, Tensor> { ["x"] = ones });
        Assert.Equal(CheckpointError.UnknownFormat, Assert.Throws<CheckpointException>(() => CalibrationFile.Read(CalibrationPath)).Error);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void NumbersThatCannotBeAreRefused(float smoothing)
    {
        using var model = WithOutliers();
        var calibration = Calibrated(model);
        var (name, product) = calibration.Image!.Products.First();
        float[] wrong = [smoothing, .. Enumerable.Repeat(1f, product.Mean.Length - 1)];
        var products = new Dictionary<string, ProductCalibration>(calibration.Image.Products) { [name] = product with { Smoothing = wrong } };
        CalibrationFile.Write(CalibrationPath, calibration with { Image = calibration.Image with { Products = products } });
        var error = Assert.Throws<CheckpointException>(() => CalibrationFile.Read(CalibrationPath));
        Assert.Equal(CheckpointError.InvalidTensorInfo, error.Error);
        Assert.Contains($"{name}.smoothing", error.Message);
    }

    [Fact]
    public void ResultsAreTheSameOnAnyNumberOfThreads()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = WithOutliers();
        var calibration = Calibrated(model);
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 6, 12), AltCLIPInferenceTests.Pixels(model, 3));
        using var inference = AltCLIPInferenceExtensions.Pack(model, Int8, null, new(Static(calibration.Text!), calibration.Image));
        Assert.SkipUnless(inference.IsTextCalibrated, "No kernel here heeds a calibration.");
        var threads = get_num_threads();
        try
        {
            var results = new List<(float[] Texts, float[] Pictures)>();
            foreach (var count in new[] { 1, 2, 3 })
            {
                set_num_threads(count);
                results.Add((Numbers(inference.get_text_features(ids)), Numbers(inference.get_image_features(pixels))));
            }
            Assert.All(results, result =>
            {
                Assert.Equal(results[0].Texts, result.Texts);
                Assert.Equal(results[0].Pictures, result.Pictures);
            });
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void UnderAnAdapterItIsLeftAlone()
    {
        var source = TestData.Path("checkpoints", "base");
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, _folder.File(Path.GetFileName(file)));
        using (var model = AltCLIPModel.FromPretrained(source)) CalibrationFile.Write(CalibrationPath, Calibrated(model));
        IReadOnlyList<AdapterSource> adapters = [new(TestData.Path("adapters", "plain"))];
        using var scope = NewDisposeScope();
        using var adapted = AltCLIPInference.Load(new(_folder.Path, null, null), Int8, null, adapters);
        using var without = AltCLIPInference.Load(new(source, null, null), Int8, null, adapters);
        Assert.False(adapted.IsTextCalibrated || adapted.IsImageCalibrated);
        var ids = randint(2, adapted.Config.TextConfig.VocabSize, [2, 5], dtype: int64);
        Assert.Equal(Numbers(without.get_text_features(ids)), Numbers(adapted.get_text_features(ids)));
    }

    [Fact]
    public void NamesAreThoseOfTheCheckpoint()
    {
        using var model = WithOutliers();
        var names = model.named_parameters().Select(parameter => parameter.name).ToHashSet();
        foreach (var layer in EncoderSpec.Text(model).Layers.Concat(EncoderSpec.Image(model).Layers))
        {
            Assert.All(layer.Weights(), product => Assert.Contains($"{product.Name}.weight", names));
            Assert.Contains(names, name => name.StartsWith(layer.Names.Layer + "."));
        }
    }

    [Fact]
    public void LessTimeIsNoReasonToBeLessExact()
    {
        var trial = new CalibrationTrial("Panels", true, new(0.9990, 0.998), new(0.9995, 0.999), 1);
        Assert.True(trial.IsBetter);
        Assert.False((trial with { IsHeeded = false }).IsBetter);
        Assert.False((trial with { Time = 1.2 }).IsBetter);
        Assert.False((trial with { Time = 0.5, Calibrated = new(0.9989, 0.999) }).IsBetter);
        Assert.False((trial with { Time = 0.5, Calibrated = new(0.9995, 0.997) }).IsBetter);
    }

    /// <summary>A model whose norms and values make some inputs 30 times as great as others.</summary>
    private static AltCLIPModel WithOutliers()
    {
        using var noGrad = no_grad();
        manual_seed(1);
        var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64), WeightInitialization.FanIn);
        foreach (var layer in EncoderSpec.Text(model).Layers.Concat(EncoderSpec.Image(model).Layers))
        {
            using var scope = NewDisposeScope();
            foreach (var norm in new[] { layer.Norm1, layer.Norm2 }) norm.weight![3..5].mul_(30);
            layer.Value.weight![7..9].mul_(30);
            layer.Widen.bias![2..4].add_(20);
        }
        model.eval();
        return model;
    }

    private static ModelCalibration Calibrated(AltCLIPModel model)
    {
        using var scope = NewDisposeScope();
        Tensor[] texts = [.. Enumerable.Range(0, 24).Select(i => AltCLIPInferenceTests.Ids(model, 1, 4 + i % 5))];
        Tensor[] pictures = [.. Enumerable.Range(0, 24).Select(_ => AltCLIPInferenceTests.Pixels(model, 1))];
        return new(Calibrator.OfTexts(model, texts), Calibrator.OfImages(model, pictures));
    }

    private static EncoderCalibration Static(EncoderCalibration encoder) => encoder with
    {
        Products = encoder.Products.ToDictionary(product => product.Key, product => product.Value with { Range = product.Value.Range ?? (-12f, 12f) }),
    };

    private static void AssertSame(EncoderCalibration expected, EncoderCalibration actual)
    {
        Assert.Equal(expected.Digests, actual.Digests);
        Assert.Equal(expected.Products.Keys.Order(), actual.Products.Keys.Order());
        foreach (var (name, product) in expected.Products)
        {
            Assert.Equal(product.Mean, actual.Products[name].Mean);
            Assert.Equal(product.Smoothing, actual.Products[name].Smoothing);
            Assert.Equal(product.Range, actual.Products[name].Range);
        }
    }

    private static float[] Numbers(Tensor tensor) => tensor.data<float>().ToArray();
}
