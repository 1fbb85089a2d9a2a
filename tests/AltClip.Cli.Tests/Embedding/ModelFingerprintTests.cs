using AltClip.Tests;
using AltClip.Training.Teacher;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What makes another model.</summary>
public sealed class ModelFingerprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelFingerprintTests()
    {
        foreach (var name in new[] { "config.json", "preprocessor_config.json", "sentencepiece.bpe.model", "model.safetensors" }) Write(name, name);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config.json")]
    [InlineData("preprocessor_config.json")]
    [InlineData("sentencepiece.bpe.model")]
    [InlineData("tokenizer_config.json")]
    [InlineData("calibration.safetensors")]
    [InlineData("model.safetensors")]
    public void WhatAModelIsReadFromMakesAnother(string name)
    {
        var before = Of();
        Write(name, "other");
        Assert.NotEqual(before, Of());
    }

    [Theory]
    [InlineData("thresholds.json")]
    [InlineData("training-log.json")]
    [InlineData("pytorch_model.bin")] // not read where there is model.safetensors
    public void WhatLiesBesideDoesNot(string name)
    {
        var before = Of();
        Write(name, "other");
        Assert.Equal(before, Of());
    }

    [Fact]
    public void ShardsCountWithTheirIndex()
    {
        File.Delete(_folder.File("model.safetensors"));
        Write("model.safetensors.index.json", """{"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}""");
        foreach (var number in new[] { 1, 2, 3 }) Write($"model-0000{number}-of-00002.safetensors", "weights");
        var before = Of();
        Write("model-00003-of-00002.safetensors", "of no index");
        Assert.Equal(before, Of());
        Write("model-00002-of-00002.safetensors", "others!");
        Assert.NotEqual(before, Of());
    }

    [Fact]
    public void OfAllBytesNoneMayDiffer()
    {
        var bytes = new byte[3_000_000];
        Write("model.safetensors", bytes);
        var (sampled, whole) = (Of(), OfWhole());
        Assert.Equal(whole, OfWhole());
        bytes[^10_001] = 1; // beside the samples
        Write("model.safetensors", bytes);
        Assert.Equal(sampled, Of());
        Assert.NotEqual(whole, OfWhole());
        // A tokenizer in either of its forms, of which one counts.
        Write("vocab.json", "{}");
        Write("merges.txt", "a b");
        whole = OfWhole();
        Write("merges.txt", "b a");
        Assert.NotEqual(whole, OfWhole());
        Write("tokenizer.json", "{}");
        whole = OfWhole();
        Write("merges.txt", "a b");
        Assert.Equal(whole, OfWhole());
    }

    private string Of() => ModelFingerprint.Of(_folder.File(""), []);

    private string OfWhole() => ModelFingerprint.OfWhole(_folder.File(""), [.. Modeling.Pretrained.Files(), .. CLIPVocabulary.Files]);

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_folder.File(name), bytes);
}
