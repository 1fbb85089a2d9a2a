using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;

namespace AltClip.Onnx.Tests;

[Collection(nameof(ProcessWide))]
public sealed class OnnxExporterTests : IDisposable
{
    private const double Float16Cosine = 0.9998;
    private const double Int8Cosine = 0.99;

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
        foreach (var (batch, length, padding) in new[] { (1, 1, 0), (1, 7, 0), (3, 9, 4), (5, 3, 2) }) ModelAgreement.AssertNear(model, exported, batch, length, padding, 1e-5);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float16, "_fp16", 5e-3)]
    [InlineData(OnnxPrecision.Int8, "_int8", 0.1)]
    public void LowerPrecisionsAreNear(OnnxPrecision precision, string suffix, double most)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        OnnxExporter.Export(model, _folder.Path, precision);
        using var exported = new OnnxModel(_folder.Path, suffix);
        ModelAgreement.AssertNear(model, exported, 4, 8, 3, most);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float32, "", 0.999999, "| `float32` | | {} MB | 1e-5 in each number |")]
    [InlineData(OnnxPrecision.Float16, "_fp16", Float16Cosine, "| `float16` | `_fp16` | {} MB | cosine {} |", Float16Cosine)]
    [InlineData(OnnxPrecision.Int8, "_int8", Int8Cosine, "| `int8` | `_int8` | {} MB | cosine {} |", Int8Cosine)]
    public void TheDefaultModelLabelsPicturesAndHasTheSizeThatThePageSays(
        OnnxPrecision precision, string suffix, double cosine, string row, params double[] cosineOfRow)
    {
        using var model = AltCLIPModel.FromPretrained(ModelAgreement.DefaultModel);
        OnnxExporter.Export(model, _folder.Path, precision);
        using (var exported = new OnnxModel(_folder.Path, suffix)) ModelAgreement.AssertLabelsPictures(model, exported, cosine);
        new Statement(row, [Math.Round(Directory.GetFiles(_folder.File("onnx")).Sum(file => new FileInfo(file).Length) / 1e6, 1), .. cosineOfRow]).AssertHolds();
    }

    [Fact]
    public void WeightsBesideAreTheSame()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        var paths = OnnxExporter.Export(model, _folder.Path, OnnxPrecision.Float32, mostBytesInline: 0, TestContext.Current.CancellationToken);
        Assert.Equal(["config.json", "text_model.onnx", "text_model.onnx_data", "vision_model.onnx", "vision_model.onnx_data"], paths.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(paths, path => Assert.True(File.Exists(path)));
        using (var exported = new OnnxModel(_folder.Path)) ModelAgreement.AssertNear(model, exported, 2, 6, 2, 1e-5);

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
}
