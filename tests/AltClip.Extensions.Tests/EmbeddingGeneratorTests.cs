using AltClip.Tests;
using Microsoft.Extensions.AI;
using TorchSharp;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class EmbeddingGeneratorTests : IDisposable
{
    private static readonly string[] Texts = ["pizza", "一艘火箭", "x", "tête de chien"];
    private static readonly string[] Pictures = ["pizza", "rocket", "guitar"];

    private readonly AltCLIPPipeline _pipeline;
    private readonly AltClipTextEmbeddingGenerator _texts;
    private readonly AltClipImageEmbeddingGenerator _pictures;

    public EmbeddingGeneratorTests()
    {
        _pipeline = AltCLIPPipeline.FromPretrained(EmojiModel.Folder, new() { TextBatchSize = 3, ImageBatchSize = 2 });
        _texts = new AltClipTextEmbeddingGenerator(_pipeline, "emoji");
        _pictures = new AltClipImageEmbeddingGenerator(_pipeline, "emoji");
    }

    public void Dispose()
    {
        _texts.Dispose();
        _pictures.Dispose();
        _pipeline.Dispose();
    }

    [Fact]
    public async Task TextsGetThePipelinesEmbeddingsInOrder()
    {
        var expected = await _pipeline.EncodeTextAsync(Texts);
        var before = DateTimeOffset.UtcNow;
        var embeddings = await _texts.GenerateAsync(Texts);
        Assert.Equal(Texts.Length, embeddings.Count);
        Assert.All(embeddings.Zip(expected), pair => AssertClose(pair.Second, pair.First));
        Assert.All(embeddings, embedding => Assert.Equal("emoji", embedding.ModelId));
        Assert.All(embeddings, embedding => Assert.InRange(embedding.CreatedAt!.Value, before, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task PicturesGetThePipelinesEmbeddingsInOrder()
    {
        using var expected = _pipeline.EmbedImages([.. Pictures.Select(EmojiModel.Source)]);
        using var rows = expected.to(torch.float32);
        var embeddings = await _pictures.GenerateAsync(Pictures.Select(EmojiModel.Picture));
        Assert.Equal(Pictures.Length, embeddings.Count);
        var numbers = rows.ToArray2D();
        for (var i = 0; i < Pictures.Length; i++)
            AssertClose([.. Enumerable.Range(0, EmojiModel.Width).Select(column => numbers[i, column])], embeddings[i]);
        Assert.Equal(3, embeddings.Usage!.AdditionalCounts![AltClipImageEmbeddingGenerator.ImageCountKey]);
        Assert.Null(embeddings.Usage.InputTokenCount);
    }

    [Fact]
    public async Task TextsAndPicturesShareASpace()
    {
        var texts = await _texts.GenerateAsync(["pizza", "rocket", "guitar"]);
        var pictures = await _pictures.GenerateAsync(Pictures.Select(EmojiModel.Picture));
        for (var i = 0; i < 3; i++)
            Assert.Equal(i, Enumerable.Range(0, 3).MaxBy(j => Cosine(pictures[i], texts[j])));
    }

    [Fact]
    public async Task TokensAreCountedWithoutPadding()
    {
        int[] each = [.. Texts.Select(text => _pipeline.Processor.Tokenizer.Encode(text).InputIds[0].Length)];
        Assert.Equal(each, _pipeline.CountTokens(Texts));
        var usage = (await _texts.GenerateAsync(Texts)).Usage!;
        Assert.Equal(each.Sum(), usage.InputTokenCount);
        Assert.Equal(each.Sum(), usage.TotalTokenCount);
        Assert.Equal(64, (await _texts.GenerateAsync([string.Join(' ', Enumerable.Repeat("word", 100))])).Usage!.InputTokenCount);
    }

    [Fact]
    public async Task NothingGivesNothing()
    {
        Assert.Empty(await _texts.GenerateAsync([]));
        Assert.Empty(await _pictures.GenerateAsync([]));
    }

    [Fact]
    public async Task WhatTheModelHasMayBeAskedFor()
    {
        var options = new EmbeddingGenerationOptions { Dimensions = EmojiModel.Width, ModelId = "emoji" };
        Assert.Equal(EmojiModel.Width, (await _texts.GenerateAsync(["x"], options))[0].Dimensions);
    }

    [Fact]
    public async Task OtherDimensionsAndModelsAreRefused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _texts.GenerateAsync(["x"], new() { Dimensions = 64 }));
        Assert.Contains("64", error.Message);
        Assert.Contains("192", error.Message);
        error = await Assert.ThrowsAsync<ArgumentException>(() => _pictures.GenerateAsync([EmojiModel.Picture("pizza")], new() { ModelId = "gpt" }));
        Assert.Contains("'gpt'", error.Message);
        Assert.Contains("'emoji'", error.Message);
    }

    [Fact]
    public void MetadataAndServicesAreFound()
    {
        var metadata = ((IEmbeddingGenerator)_texts).GetService<EmbeddingGeneratorMetadata>()!;
        Assert.Equal("altclip", metadata.ProviderName);
        Assert.Equal("emoji", metadata.DefaultModelId);
        Assert.Equal(EmojiModel.Width, metadata.DefaultModelDimensions);
        Assert.Same(_pictures, _pictures.GetService(typeof(IEmbeddingGenerator<DataContent, Embedding<float>>)));
        Assert.Same(_pipeline, _pictures.GetService(typeof(AltCLIPPipeline)));
        Assert.Null(_texts.GetService(typeof(EmbeddingGeneratorMetadata), "key"));
        Assert.Null(_texts.GetService(typeof(string)));
    }

    [Fact]
    public async Task BadInputIsNamedBeforeAnythingIsComputed()
    {
        Assert.Contains("Text 1 ", (await Assert.ThrowsAsync<ArgumentException>(() => _texts.GenerateAsync(["x", null!]))).Message);
        var text = new DataContent("hello"u8.ToArray(), "text/plain") { Name = "hello.txt" };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _pictures.GenerateAsync([EmojiModel.Picture("pizza"), text]));
        Assert.Contains("hello.txt", error.Message);
        Assert.Contains("text/plain", error.Message);
        var empty = new DataContent(ReadOnlyMemory<byte>.Empty, "image/png");
        Assert.Contains("picture 0 is empty", (await Assert.ThrowsAsync<ArgumentException>(() => _pictures.GenerateAsync([empty]))).Message);
    }

    [Fact]
    public async Task ABadPictureFailsItsOwnCallAlone()
    {
        using var patient = new AltClipImageEmbeddingGenerator(_pipeline, "emoji", new AltClipBatchingOptions { MaxDelay = TimeSpan.FromMinutes(1) });
        // The two are one batch, since it is full with them.
        var bad = patient.GenerateAsync([new DataContent(new byte[50], "image/png") { Name = "broken.png" }]);
        var good = patient.GenerateAsync([EmojiModel.Picture("pizza")]);
        Assert.Contains("broken.png", (await Assert.ThrowsAsync<ImageException>(() => bad)).Message);
        using var expected = _pipeline.EmbedImages([EmojiModel.Source("pizza")]);
        var numbers = expected.ToArray2D();
        AssertClose([.. Enumerable.Range(0, EmojiModel.Width).Select(column => numbers[0, column])], (await good)[0]);
    }

    [Fact]
    public async Task ConcurrentCallersGetTheirOwn()
    {
        string[] names = ["pizza", "rocket", "guitar", "cactus", "penguin", "volcano"];
        var alone = await _pipeline.EncodeTextAsync(names);
        var calls = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => _texts.GenerateAsync([names[i % 6], names[(i + 1) % 6]]))));
        for (var i = 0; i < calls.Length; i++)
        {
            AssertClose(alone[i % 6], calls[i][0]);
            AssertClose(alone[(i + 1) % 6], calls[i][1]);
        }
    }

    [Fact]
    public async Task NoTensorStays()
    {
        var before = LiveTensors.Count();
        await _texts.GenerateAsync(Texts);
        await _pictures.GenerateAsync(Pictures.Select(EmojiModel.Picture));
        await Assert.ThrowsAsync<ImageException>(() => _pictures.GenerateAsync([new DataContent(new byte[50], "image/png")]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _texts.GenerateAsync(Texts, cancellationToken: new CancellationToken(true)));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused()
    {
        Assert.Contains("MaxDelay", Refused(new() { MaxDelay = TimeSpan.FromHours(1) }));
        Assert.Contains("QueueCapacity", Refused(new() { QueueCapacity = 0 }));
        Assert.Contains("RequestTimeout", Refused(new() { RequestTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => new AltClipTextEmbeddingGenerator(_pipeline, " "));
        string Refused(AltClipBatchingOptions options) =>
            Assert.Throws<ArgumentException>(() => new AltClipTextEmbeddingGenerator(_pipeline, "emoji", options)).Message;
    }

    private static void AssertClose(float[] expected, Embedding<float> actual) =>
        Assert.Equal(expected, actual.Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);

    private static float Cosine(Embedding<float> a, Embedding<float> b) =>
        System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(a.Vector.Span, b.Vector.Span);
}
