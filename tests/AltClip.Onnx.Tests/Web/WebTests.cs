using AltClip.Tests;
using Xunit;

namespace AltClip.Onnx.Tests.Web;

/// <summary>Exported models in onnxruntime-web, with the tolerances of <see cref="OnnxExporterTests"/>.</summary>
[Collection(nameof(ProcessWide))]
public sealed class WebTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("base", OnnxPrecision.Float32, "", 1e-5)]
    [InlineData("base", OnnxPrecision.Float16, "_fp16", 5e-3)]
    [InlineData("base", OnnxPrecision.Int8, "_int8", 0.1)]
    [InlineData("odd", OnnxPrecision.Float32, "", 1e-5)]
    [InlineData("act-gelu_new", OnnxPrecision.Float32, "", 1e-5)]
    [InlineData("act-silu", OnnxPrecision.Float32, "", 1e-5)]
    public void EmbeddingsAreTheModels(string checkpoint, OnnxPrecision precision, string suffix, double most)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint));
        OnnxExporter.Export(model, _folder.Path, precision);
        using var exported = new WebModel(_folder.Path, suffix);
        foreach (var (batch, length, padding) in new[] { (1, 1, 0), (3, 9, 4), (5, 3, 2) }) ModelAgreement.AssertNear(model, exported, batch, length, padding, most);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float32, "", 0.999999)]
    [InlineData(OnnxPrecision.Float16, "_fp16", 0.9998)]
    [InlineData(OnnxPrecision.Int8, "_int8", 0.99)]
    public void TheDefaultModelLabelsPictures(OnnxPrecision precision, string suffix, double cosine)
    {
        using var model = AltCLIPModel.FromPretrained(ModelAgreement.DefaultModel);
        OnnxExporter.Export(model, _folder.Path, precision);
        using var exported = new WebModel(_folder.Path, suffix);
        ModelAgreement.AssertLabelsPictures(model, exported, cosine);
        if (precision == OnnxPrecision.Float32) ModelAgreement.AssertNear(model, exported, 2, 5, 2, 1e-5);
    }

    [Fact]
    public void WeightsBesideAreRead()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        OnnxExporter.Export(model, _folder.Path, OnnxPrecision.Float32, mostBytesInline: 0, TestContext.Current.CancellationToken);
        using var exported = new WebModel(_folder.Path);
        ModelAgreement.AssertNear(model, exported, 2, 6, 2, 1e-5);
    }

    public void Dispose() => _folder.Dispose();
}
