using System.Text.Json.Nodes;
using AltClip.Imaging;
using AltClip.Tokenization;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class AltCLIPPipelineTests : IClassFixture<AltCLIPPipelineTests.SharedPipeline>
{
    private static readonly string Folder = TestData.Path("e2e");
    private static readonly string[] Texts = ["a photo of a cat", "一只在窗边睡觉的猫的照片，非常可爱", "x", "صورة كلب"];

    private readonly AltCLIPPipeline _pipeline;

    public AltCLIPPipelineTests(SharedPipeline shared) => _pipeline = shared.Pipeline;

    private static ImageSource[] Pictures =>
        [.. ((string[])["x_cat.jpg", "x_dog.jpg", "dog.jpeg", "1.jpeg", "0.jpg"]).Select(name => ImageSource.FromFile(TestData.Path("images", "real", name)))];

    private static ImageSource Broken => ImageSource.FromBytes(new byte[50], "broken.png");

    [Fact]
    public void GivesTheModelsEmbeddingsInOrder()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(Folder);
        var inputs = _pipeline.Processor.Process(Texts, Pictures);
        var expected = model.forward(inputs);
        Assert.True(_pipeline.EmbedText(Texts).allclose(expected.TextEmbeds, rtol: 0, atol: 1e-5));
        Assert.True(_pipeline.EmbedImages(Pictures).allclose(expected.ImageEmbeds, rtol: 0, atol: 1e-5));
    }

    [Fact]
    public async Task EncodesTextsInTheBackground()
    {
        var rows = await _pipeline.EncodeTextAsync(Texts);
        using var expected = _pipeline.EmbedText(Texts);
        Assert.Equal(expected.ToRows(), rows);
        Assert.All(rows, row => Assert.Equal(1, row.Sum(x => x * x), 1e-4));
    }

    [Fact]
    public async Task StreamsPicturesInOrderWithProgress()
    {
        var progress = new List<int>();
        var encoded = new List<EncodedImage>();
        await foreach (var image in _pipeline.EncodeImagesAsync(Pictures, new Listed(progress))) encoded.Add(image);
        Assert.Equal([0, 1, 2, 3, 4], encoded.Select(image => image.Index));
        Assert.Equal(Pictures.Select(picture => picture.Name), encoded.Select(image => image.Name));
        Assert.Equal([2, 4, 5], progress);
        using var expected = _pipeline.EmbedImages(Pictures);
        Assert.All(encoded.Zip(expected.ToRows()), pair => Assert.Equal(pair.Second, pair.First.Embedding.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5));
    }

    [Fact]
    public async Task ABadPictureInAStreamNamesItself()
    {
        var error = await Assert.ThrowsAsync<ImageException>(async () =>
        {
            await foreach (var _ in _pipeline.EncodeImagesAsync([Pictures[0], Pictures[1], Broken])) { }
        });
        Assert.Contains("broken.png", error.Message);
    }

    [Fact]
    public async Task ABadPictureInAStreamMayComeWithItsError()
    {
        using var skipping = AltCLIPPipeline.FromPretrained(
            Folder, new AltCLIPPipelineOptions { ImageBatchSize = 2, Images = new ImageProcessingOptions { OnError = ImageErrorHandling.Skip } });
        var encoded = new List<EncodedImage>();
        await foreach (var image in skipping.EncodeImagesAsync([Pictures[0], Broken, Broken, Broken, Pictures[1]])) encoded.Add(image);
        Assert.Equal([0, 1, 2, 3, 4], encoded.Select(image => image.Index));
        Assert.Equal([false, true, true, true, false], encoded.Select(image => image.Error is not null));
        Assert.All(encoded, image => Assert.Equal(image.Error is null, image.Embedding.Length == 20));
    }

    [Fact]
    public void WhereNoRowMayBeMissingABadPictureIsNeverSkipped()
    {
        using var skipping = AltCLIPPipeline.FromPretrained(
            Folder, new AltCLIPPipelineOptions { ImageBatchSize = 2, Images = new ImageProcessingOptions { OnError = ImageErrorHandling.Skip } });
        using var classifier = skipping.CreateClassifier(Texts);
        var before = LiveTensors.Count();
        Action<ImageSource[]>[] calls =
        [
            images => skipping.EmbedImages(images).Dispose(),
            images => skipping.Similarity(Texts, images),
            images => skipping.Rank(Texts[0], images),
            images => classifier.Classify(images),
        ];
        Assert.All(calls, call =>
        {
            call([Pictures[0], Pictures[1], Pictures[0]]);
            Assert.Contains("broken.png", Assert.Throws<ImageException>(() => call([Pictures[0], Pictures[1], Broken])).Message);
            Assert.Contains("broken.png", Assert.Throws<ImageException>(() => call([Broken])).Message);
        });
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public async Task AStreamMayBeLeftAndCancelled()
    {
        var before = LiveTensors.Count();
        await foreach (var _ in _pipeline.EncodeImagesAsync(Enumerable.Repeat(Pictures[0], 100))) break;
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var image in _pipeline.EncodeImagesAsync(Enumerable.Repeat(Pictures[0], 100), cancellationToken: source.Token))
                await source.CancelAsync();
        });
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void ClassifiesAsTheModel()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = AltCLIPModel.FromPretrained(Folder);
        var expected = model.forward(_pipeline.Processor.Process(Texts, [Pictures[0]])).LogitsPerImage.softmax(1).ToRows()[0];
        var labels = _pipeline.Classify(Pictures[0], Texts);
        Assert.Equal(labels.Select(label => label.Probability).OrderDescending(), labels.Select(label => label.Probability));
        Assert.All(labels, label => Assert.Equal(expected[Array.IndexOf(Texts, label.Label)], label.Probability, 1e-4));
    }

    [Fact]
    public void TemplatesAreAveraged()
    {
        using var scope = NewDisposeScope();
        using var classifier = _pipeline.CreateClassifier(["cat", "dog"], ["a photo of a {}", "{}"]);
        var sentences = _pipeline.EmbedText(["a photo of a cat", "cat", "a photo of a dog", "dog"]);
        var labels = ((sentences[0] + sentences[1]) / 2).unsqueeze(0);
        labels = cat([labels, ((sentences[2] + sentences[3]) / 2).unsqueeze(0)]);
        labels /= labels.norm(dim: -1, keepdim: true);
        var logits = _pipeline.EmbedImages(Pictures).matmul(labels.t()) * _pipeline.Model.LogitScale;
        var expected = logits.softmax(1).ToRows();
        var actual = classifier.Classify(Pictures);
        for (var i = 0; i < Pictures.Length; i++)
            Assert.Equal(expected[i][0], actual[i].Single(label => label.Label == "cat").Probability, 1e-4);
    }

    [Fact]
    public void RanksBothWays()
    {
        var similarity = _pipeline.Similarity(Texts, Pictures);
        var pictures = _pipeline.Rank(Texts[0], Pictures);
        Assert.Equal(pictures.OrderByDescending(item => item.Similarity), pictures);
        Assert.All(pictures, item => Assert.Equal(similarity[0, item.Index], item.Similarity, 1e-5));
        var texts = _pipeline.Rank(Pictures[1], Texts);
        Assert.Equal([0, 1, 2, 3], texts.Select(item => item.Index).Order());
        Assert.All(texts, item => Assert.Equal(similarity[item.Index, 1], item.Similarity, 1e-5));
    }

    [Fact]
    public void TextsTooLongForTheModelAreCut()
    {
        using var embedding = _pipeline.EmbedText([string.Join(' ', Enumerable.Repeat("word", 700))]);
        Assert.Equal([1, 20], embedding.shape);
    }

    [Fact]
    public async Task SeveralCallersShareOne()
    {
        var expected = await _pipeline.EncodeTextAsync(Texts);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _pipeline.EncodeTextAsync(Texts)));
        Assert.All(results, rows => Assert.All(rows.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, (a, b) => Math.Abs(a - b) < 1e-5)));
    }

    [Fact]
    public void NothingStays() => LiveTensors.AssertUnchanged(() =>
    {
        using (_pipeline.EmbedText(Texts)) { }
        using (_pipeline.EmbedImages(Pictures)) { }
        _pipeline.Classify(Pictures[0], Texts, ["{}"]);
        _pipeline.Rank("x", Pictures);
        Assert.Throws<ImageException>(() => _pipeline.EmbedImages([Pictures[0], Pictures[1], Broken]));
        using (_pipeline.EmbedText([])) { }
        using (_pipeline.EmbedImages([])) { }
        Assert.Throws<ArgumentException>(() => _pipeline.EmbedText([null!]));
        Assert.Throws<ArgumentException>(() => _pipeline.EmbedImages([null!]));
        Assert.ThrowsAny<OperationCanceledException>(() => _pipeline.EmbedText(Texts, new CancellationToken(true)));
    });

    [Fact]
    public void BadArgumentsAreNamed()
    {
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => _pipeline.Classify(Pictures[0], [])).ParamName);
        Assert.Equal("templates", Assert.Throws<ArgumentException>(() => _pipeline.Classify(Pictures[0], ["a"], [])).ParamName);
        Assert.Contains("a photo", Assert.Throws<ArgumentException>(() => _pipeline.Classify(Pictures[0], ["a"], ["a photo"])).Message);
        foreach (var options in new AltCLIPPipelineOptions[] { new() { ImageBatchSize = 0 }, new() { Precision = (InferencePrecision)9 }, new() { Images = null! } })
            Assert.ThrowsAny<ArgumentException>(() => AltCLIPPipeline.FromPretrained("no/folder", options));
        Assert.Equal("folderOrId", Assert.Throws<ArgumentNullException>(() => AltCLIPPipeline.FromPretrained(null!)).ParamName);
    }

    [Fact]
    public async Task PicturesThatAreEmbeddedAlreadyAreClassifiedAlike()
    {
        using var classifier = _pipeline.CreateClassifier(Texts);
        var expected = classifier.Classify(Pictures);
        await foreach (var picture in _pipeline.EncodeImagesAsync(Pictures))
        {
            var labels = classifier.Classify(picture.Embedding);
            Assert.Equal(expected[picture.Index].Select(label => label.Label), labels.Select(label => label.Label));
            Assert.All(labels.Zip(expected[picture.Index]), pair => Assert.Equal(pair.Second.Probability, pair.First.Probability, 1e-5f));
        }
        Assert.Contains("3 numbers", Assert.Throws<ArgumentException>("embedding", () => classifier.Classify(new float[3])).Message);
    }

    [Fact]
    public void AnEmbeddingThatIsNoneIsNotClassified()
    {
        using var classifier = _pipeline.CreateClassifier(Texts);
        using var embeddings = _pipeline.EmbedImages([Pictures[0]]);
        var embedding = embeddings.data<float>().ToArray();
        Refused("not finite", number => number * float.NaN);
        Refused("not finite", number => number / 0);
        Refused("length 2", number => number * 2);
        Refused("length 0", number => 0);
        Assert.Equal(
            classifier.Classify(embedding)[0].Label, classifier.Classify(embedding.Select(number => (float)(Half)number).ToArray())[0].Label);

        void Refused(string message, Func<float, float> change) => Assert.Contains(
            message, Assert.Throws<ArgumentException>("embedding", () => classifier.Classify(embedding.Select(change).ToArray())).Message);
    }

    [Fact]
    public void TextOptionsThatGiveOthersEmbeddingsAreRefused()
    {
        var text = _pipeline.Options.Text;
        Refused("ReturnOverflowingTokens is True; expected False", text with { ReturnOverflowingTokens = true });
        Refused("ReturnAttentionMask is False; expected True", text with { ReturnAttentionMask = false });
        Refused("PaddingSide is Left; expected Right", text with { PaddingSide = Side.Left });
        _ = new AltCLIPPipeline(_pipeline.Model, _pipeline.Processor, new() { Text = text with { PaddingSide = Side.Right } });

        void Refused(string message, TokenizerOptions options)
        {
            Assert.Contains(message, Assert.Throws<ArgumentException>("Text", () => AltCLIPPipeline.FromPretrained("no/folder", new() { Text = options })).Message);
            Assert.Throws<ArgumentException>("Text", () => new AltCLIPPipeline(_pipeline.Model, _pipeline.Processor, new() { Text = options }));
        }
    }

    [Fact]
    public void ATokenizerThatPadsAtTheLeftChangesNothing()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Folder)) File.Copy(file, folder.File(Path.GetFileName(file)));
        var config = folder.File("tokenizer_config.json");
        var settings = JsonNode.Parse(File.ReadAllText(config))!;
        settings["padding_side"] = "left";
        File.WriteAllText(config, settings.ToJsonString());
        using var pipeline = AltCLIPPipeline.FromPretrained(folder.Path);
        Assert.Equal(Side.Left, pipeline.Processor.Tokenizer.PaddingSide);
        using var scope = NewDisposeScope();
        Assert.True(pipeline.EmbedText(Texts).allclose(_pipeline.EmbedText(Texts), rtol: 0, atol: 1e-5));
    }

    [Fact]
    public void WhatIsNullIsNamedByItsPlace()
    {
        string[] texts = [.. Texts, null!];
        ImageSource[] pictures = [.. Pictures, null!];
        Refused("texts", "text at index 4", () => _pipeline.EmbedText(texts));
        Refused("images", "picture at index 5", () => _pipeline.EmbedImages(pictures));
        Refused("images", "picture at index 5", () => _pipeline.Similarity(Texts, pictures));
        Refused("labels", "label at index 4", () => _pipeline.Classify(Pictures[0], texts));
        Refused("templates", "template at index 1", () => _pipeline.Classify(Pictures[0], Texts, ["{}", null!]));
        Assert.Throws<ArgumentNullException>("images", () => _pipeline.EncodeImagesAsync(null!));
        Assert.Throws<ArgumentNullException>("text", () => _pipeline.Rank((string)null!, Pictures));
        Assert.Throws<ArgumentNullException>("image", () => _pipeline.Rank((ImageSource)null!, Texts));

        static void Refused(string argument, string message, Func<object> call)
        {
            var error = Assert.Throws<ArgumentException>(argument, call);
            Assert.Contains(message, error.Message);
        }
    }

    /// <summary>One pipeline for all tests, with batches small enough that every test has several.</summary>
    public sealed class SharedPipeline : IDisposable
    {
        public AltCLIPPipeline Pipeline { get; } =
            AltCLIPPipeline.FromPretrained(Folder, new AltCLIPPipelineOptions { ImageBatchSize = 2, TextBatchSize = 3 });

        public void Dispose() => Pipeline.Dispose();
    }

    private sealed class Listed(List<int> values) : IProgress<int>
    {
        public void Report(int value) => values.Add(value);
    }
}
