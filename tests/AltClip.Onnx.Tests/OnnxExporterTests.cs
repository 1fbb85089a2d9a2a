using AltClip.Modeling.Adapters;
using AltClip.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Onnx.Tests;

[Collection(nameof(ProcessWide))]
public sealed class OnnxExporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Checkpoints => [.. Directory.EnumerateDirectories(TestData.Path("checkpoints"))
        .Select(path => Path.GetFileName(path)).Where(name => name.StartsWith("act-", StringComparison.Ordinal) || name is "base" or "base-f16" or "base-bf16" or "odd")];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Float32HasTheModelsEmbeddings(string checkpoint)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        OnnxExporter.Export(model, _folder.Path);
        using var exported = new OnnxModel(_folder.Path);
        foreach (var (batch, length, padding) in new[] { (1, 1, 0), (1, 7, 0), (3, 9, 4), (5, 3, 2) }) AssertNear(model, exported, batch, length, padding, 1e-5);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float16, "_fp16", 5e-3)]
    [InlineData(OnnxPrecision.Int8, "_int8", 0.1)]
    public void LowerPrecisionsAreNear(OnnxPrecision precision, string suffix, double most)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        OnnxExporter.Export(model, _folder.Path, precision);
        using var exported = new OnnxModel(_folder.Path, suffix);
        AssertNear(model, exported, 4, 8, 3, most);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float32, "", 0.999999)]
    [InlineData(OnnxPrecision.Float16, "_fp16", 0.9998)]
    [InlineData(OnnxPrecision.Int8, "_int8", 0.99)]
    public void TheDefaultModelLabelsPictures(OnnxPrecision precision, string suffix, double cosine)
    {
        var source = Path.Combine(TestData.Folder, "..", "..", "models", "altclip-emoji");
        using var model = AltCLIPModel.FromPretrained(source);
        using var processor = AltCLIPProcessor.FromPretrained(source);
        OnnxExporter.Export(model, _folder.Path, precision);
        using var exported = new OnnxModel(_folder.Path, suffix);
        string[] names = ["cactus", "guitar", "penguin", "pizza", "rocket", "volcano"];
        using var inputs = processor.Process(["仙人掌", "guitare", "Pinguin", "pizza", "ракета", "volcán"], [.. names.Select(name => ImageSource.FromFile(TestData.Path("emoji", $"{name}.png")))]);
        using var expected = model.forward(inputs);

        var (texts, scale) = exported.Text(inputs.InputIds!, inputs.AttentionMask!);
        using var textEmbeds = tensor(texts, expected.TextEmbeds.shape);
        using var imageEmbeds = tensor(exported.Pictures(inputs.PixelValues!), expected.ImageEmbeds.shape);

        Assert.InRange((textEmbeds * expected.TextEmbeds).sum(1).min().ToDouble(), cosine, 1.00001);
        Assert.InRange((imageEmbeds * expected.ImageEmbeds).sum(1).min().ToDouble(), cosine, 1.00001);
        Assert.Equal(model.logit_scale.exp().ToSingle(), scale, 1e-4f);
        Assert.Equal([0, 1, 2, 3, 4, 5], imageEmbeds.matmul(textEmbeds.t()).argmax(1).data<long>().ToArray());
    }

    [Fact]
    public void WeightsBesideAreTheSame()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        var paths = OnnxExporter.Export(model, _folder.Path, OnnxPrecision.Float32, mostBytesInline: 0, TestContext.Current.CancellationToken);
        Assert.Equal(["config.json", "text_model.onnx", "text_model.onnx_data", "vision_model.onnx", "vision_model.onnx_data"], paths.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(paths, path => Assert.True(File.Exists(path)));
        using (var exported = new OnnxModel(_folder.Path)) AssertNear(model, exported, 2, 6, 2, 1e-5);

        // What an earlier export left beside would be taken for this one's.
        OnnxExporter.Export(model, _folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["text_model.onnx", "vision_model.onnx"], Directory.EnumerateFiles(_folder.File("onnx")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("relative-key", "relative_key")]
    [InlineData("decoder", "is_decoder")]
    public void WhatIsNotComputedIsRefusedByName(string checkpoint, string named)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        var error = Assert.Throws<NotSupportedException>(() => OnnxExporter.Export(model, _folder.Path, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(named, error.Message);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void AnAdapterIsMergedFirst()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var adapter = LoraAdapter.Attach(model);
        Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(model, _folder.Path, cancellationToken: TestContext.Current.CancellationToken));
        adapter.Merge();
        OnnxExporter.Export(model, _folder.Path, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void NothingIsWrittenAfterCancelling()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        Assert.Throws<OperationCanceledException>(() => OnnxExporter.Export(model, _folder.Path, cancellationToken: new CancellationToken(canceled: true)));
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), _ => true);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float32)]
    [InlineData(OnnxPrecision.Float16)]
    [InlineData(OnnxPrecision.Int8)]
    public void NoTensorStays(OnnxPrecision precision)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        LiveTensors.AssertUnchanged(() => OnnxExporter.Export(model, _folder.Path, precision, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertNear(AltCLIPModel model, OnnxModel exported, int batch, int length, int padding, double most)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = model.Config;
        var ids = randint(config.TextConfig.PadTokenId + 1, config.TextConfig.VocabSize, [batch, length], dtype: int64);
        var mask = ones_like(ids);
        // Rows end in more padding the further down they stand.
        for (var row = 0; row < batch; row++)
        {
            var from = length - padding * row / batch;
            ids[row, TensorIndex.Slice(from)] = config.TextConfig.PadTokenId;
            mask[row, TensorIndex.Slice(from)] = 0;
        }
        var pixels = randn(batch, config.VisionConfig.NumChannels, config.VisionConfig.ImageSize, config.VisionConfig.ImageSize);
        using var expected = model.forward(ids, pixels, mask);

        var (texts, scale) = exported.Text(ids, mask);
        var (text, pictures) = (tensor(texts, expected.TextEmbeds.shape), tensor(exported.Pictures(pixels), expected.ImageEmbeds.shape));
        Assert.InRange((text - expected.TextEmbeds).abs().max().ToDouble(), 0, most);
        Assert.InRange((pictures - expected.ImageEmbeds).abs().max().ToDouble(), 0, most);
        var logits = pictures.matmul(text.t()) * scale;
        Assert.InRange((logits - expected.LogitsPerImage).abs().max().ToDouble(), 0, most * scale * 2);
    }
}
