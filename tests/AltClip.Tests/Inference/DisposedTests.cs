using Xunit;

namespace AltClip.Tests;

/// <summary>What is disposed says so.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DisposedTests : IDisposable
{
    private static readonly string Model = TestData.Path("e2e");
    private static readonly string[] Texts = ["a photo of a cat", "x"];

    private readonly TemporaryFolder _folder = new();

    private static ImageSource Picture => ImageSource.FromFile(TestData.Path("images", "real", "x_cat.jpg"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModel()
    {
        var model = ModelBuilder.Model();
        model.Dispose();
        Refused(nameof(AltCLIPModel), () => model.ForInference());
        Refused(nameof(AltCLIPModel), () => model.SavePretrained(_folder.Path));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Inputs()
    {
        using var model = ModelBuilder.Model();
        var inputs = new AltCLIPInputs { InputIds = ModelBuilder.Ids(), PixelValues = ModelBuilder.Pixels() };
        inputs.Dispose();
        inputs.Dispose();
        Refused(nameof(AltCLIPInputs), () => model.forward(inputs));
        Refused(nameof(AltCLIPInputs), () => _ = inputs.AttentionMask);
    }

    [Fact]
    public void APipeline()
    {
        var pipeline = AltCLIPPipeline.FromPretrained(Model);
        pipeline.Dispose();
        Action[] calls =
        [
            () => pipeline.CountTokens(Texts), () => pipeline.EmbedText([]), () => pipeline.EmbedText(Texts), () => pipeline.EmbedImages([]),
            () => pipeline.EmbedImages([Picture]), () => pipeline.Similarity([], []), () => pipeline.EncodeImagesAsync([]),
            () => pipeline.CreateClassifier(Texts), () => pipeline.Classify(Picture, Texts),
        ];
        foreach (var call in calls) Refused(nameof(AltCLIPPipeline), call);
    }

    [Fact]
    public void AClassifier() => LiveTensors.AssertUnchanged(() =>
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Model);
        var classifier = pipeline.CreateClassifier(Texts);
        using var embeddings = pipeline.EmbedImages([Picture]);
        var embedding = embeddings.data<float>().ToArray();
        classifier.Dispose();
        classifier.Dispose();
        Refused(nameof(ZeroShotClassifier), () => classifier.Classify([Picture]));
        Refused(nameof(ZeroShotClassifier), () => classifier.Classify(embedding));
    });

    [Fact]
    public void AClassifierThatIsDisposedDuringACallEndsIt() => LiveTensors.AssertUnchanged(() =>
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Model);
        var classifier = pipeline.CreateClassifier(Texts);
        var disposing = Picture.Changed(image =>
        {
            classifier.Dispose();
            return image;
        });
        Assert.Equal(Texts.Length, classifier.Classify([disposing])[0].Count);
        Refused(nameof(ZeroShotClassifier), () => classifier.Classify([Picture]));
    });

    private static void Refused(string type, Action call) => Assert.Contains(type, Assert.Throws<ObjectDisposedException>(call).ObjectName);
}
