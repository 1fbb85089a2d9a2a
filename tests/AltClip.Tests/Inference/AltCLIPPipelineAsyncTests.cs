using AltClip.Hub;
using AltClip.Tests.Hub;
using Xunit;

namespace AltClip.Tests;

/// <summary>Calls in the background give what the others give, and can be given up.</summary>
[Collection(nameof(ProcessWide))]
public sealed class AltCLIPPipelineAsyncTests : HubTest
{
    private static readonly string Model = TestData.Path("e2e");
    private static readonly string[] Labels = ["a photo of a cat", "a photo of a dog"];

    private static ImageSource[] Pictures =>
        [.. ((string[])["x_cat.jpg", "x_dog.jpg", "dog.jpeg"]).Select(name => ImageSource.FromFile(TestData.Path("images", "real", name)))];

    [Fact]
    public async Task EachGivesWhatTheOtherGives()
    {
        using var pipeline = await AltCLIPPipeline.FromPretrainedAsync(Model);
        using var classifier = await pipeline.CreateClassifierAsync(Labels);
        Assert.Equal(pipeline.Classify(Pictures[0], Labels, ["{}!"]), await pipeline.ClassifyAsync(Pictures[0], Labels, ["{}!"]));
        Assert.Equal(pipeline.Rank(Labels[0], Pictures), await pipeline.RankAsync(Labels[0], Pictures));
        Assert.Equal(pipeline.Rank(Pictures[0], Labels), await pipeline.RankAsync(Pictures[0], Labels));
        Assert.Equal(pipeline.Similarity(Labels, Pictures), await pipeline.SimilarityAsync(Labels, Pictures));
        Assert.Equal(classifier.Classify(Pictures)[1], (await classifier.ClassifyAsync(Pictures))[1]);
    }

    [Fact]
    public async Task WhatIsCancelledSaysSo()
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Model);
        using var classifier = pipeline.CreateClassifier(Labels);
        var stop = new CancellationToken(canceled: true);
        foreach (var call in (Func<Task>[])
        [
            () => AltCLIPPipeline.FromPretrainedAsync(Model, cancellationToken: stop),
            () => pipeline.CreateClassifierAsync(Labels, cancellationToken: stop),
            () => pipeline.ClassifyAsync(Pictures[0], Labels, cancellationToken: stop),
            () => pipeline.RankAsync(Labels[0], Pictures, stop),
            () => pipeline.RankAsync(Pictures[0], Labels, stop),
            () => pipeline.SimilarityAsync(Labels, Pictures, stop),
            () => classifier.ClassifyAsync(Pictures, stop),
        ])
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
    }

    [Fact]
    public async Task AModelOfTheHubComesWithProgress()
    {
        Server.Add(Model);
        var told = new Told();
        using var pipeline = await AltCLIPPipeline.FromPretrainedAsync(FakeHub.Model, hub: Options, progress: told);
        Assert.Equal(pipeline.Model.Config.ProjectionDim, (await pipeline.EncodeTextAsync(["x"]))[0].Length);
        Assert.Contains(told.All, step => step.File == "model.safetensors" && step.BytesDone == step.BytesTotal);
    }

    [Fact]
    public async Task ADownloadThatIsGivenUpIsKeptForTheNextTime()
    {
        Server.Add(Model);
        using var stop = new CancellationTokenSource();
        var told = new Told(step =>
        {
            if (step.File == "model.safetensors") stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => AltCLIPPipeline.FromPretrainedAsync(FakeHub.Model, hub: Options, progress: told, cancellationToken: stop.Token));
        Assert.True(File.Exists(Blob("config.json")));
        using var pipeline = await AltCLIPPipeline.FromPretrainedAsync(FakeHub.Model, hub: Options);
        Assert.NotNull(pipeline.Model);
    }

    [Fact]
    public void LoadingThatIsGivenUpLeavesNothing() => LiveTensors.AssertUnchanged(() => Assert.Throws<OperationCanceledException>(() =>
        AltCLIPInference.Load(new PretrainedSource(Model, null, null), new InferenceOptions(), null, [], cancellationToken: new(canceled: true))));

    [Fact]
    public async Task OfNothingComesNothing()
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Model);
        var dimensions = pipeline.Model.Config.ProjectionDim;
        using var texts = pipeline.EmbedText([]);
        using var images = pipeline.EmbedImages([]);
        Assert.Equal([0, dimensions], texts.shape);
        Assert.Equal([0, dimensions], images.shape);
        Assert.Empty(await pipeline.EncodeTextAsync([]));
        Assert.Empty(await pipeline.EncodeImagesAsync([]).ToListAsync());
        Assert.Empty(pipeline.CountTokens([]));
        Assert.Empty(pipeline.Rank("x", []));
        Assert.Empty(pipeline.Rank(Pictures[0], []));
        Assert.Equal((0, 3), Size(pipeline.Similarity([], Pictures)));
        Assert.Equal((2, 0), Size(pipeline.Similarity(Labels, [])));
        using var classifier = pipeline.CreateClassifier(Labels);
        Assert.Empty(classifier.Classify(Array.Empty<ImageSource>()));
        // Probabilities are among labels: of none there are none.
        Assert.Contains("no labels", Assert.Throws<ArgumentException>(() => pipeline.Classify(Pictures[0], [])).Message);
    }

    private static (int, int) Size(float[,] similarity) => (similarity.GetLength(0), similarity.GetLength(1));

    private sealed class Told(Action<HubProgress>? then = null) : IProgress<HubProgress>
    {
        private readonly List<HubProgress> _all = [];

        public IReadOnlyList<HubProgress> All
        {
            get { lock (_all) return [.. _all]; }
        }

        public void Report(HubProgress value)
        {
            lock (_all) _all.Add(value);
            then?.Invoke(value);
        }
    }
}
