using AltClip.Inference;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class InferenceLifetimeTests
{
    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void CallsLeaveNothing(InferencePrecision precision)
    {
        using var model = ModelBuilder.Model();
        foreach (var kernel in InferenceKernels.Of(model, precision)) AssertCallsLeaveNothing(model, new() { Precision = precision, Kernel = kernel });
        using var wide = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64));
        foreach (var kernel in InferenceKernels.Of(wide, precision)) AssertCallsLeaveNothing(wide, new() { Precision = precision, Kernel = kernel });
    }

    private static void AssertCallsLeaveNothing(AltCLIPModel model, InferenceOptions options)
    {
        LiveTensors.AssertUnchanged(() =>
        {
            using var inference = model.ForInference(options);
            using var scope = NewDisposeScope();
            var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 2, 5), AltCLIPInferenceTests.Pixels(model, 2));
            var mask = zeros_like(ids);
            var before = Tensor.TotalCount;
            for (var i = 0; i < 20; i++)
            {
                using (inference.forward(ids, pixels)) { }
                using (inference.get_text_features(ids, mask)) { }
                using (inference.get_image_features(pixels)) { }
            }
            Assert.Equal(before, Tensor.TotalCount);
        });
    }

    [Fact]
    public void ReleasedWeightsAreGoneAndTheResultsStay()
    {
        LiveTensors.AssertUnchanged(() =>
        {
            using var scope = NewDisposeScope();
            var model = ModelBuilder.Model();
            var (ids, pixels) = (ModelBuilder.Ids(), ModelBuilder.Pixels());
            using var kept = model.ForInference();
            var (text, image) = (kept.get_text_features(ids), kept.get_image_features(pixels));
            var before = Tensor.TotalCount;
            using var released = model.ForInference(new() { ReleaseSourceWeights = true });
            Assert.True(model.parameters().All(parameter => parameter.IsInvalid));
            Assert.Equal(text.data<float>().ToArray(), released.get_text_features(ids).data<float>().ToArray());
            Assert.Equal(image.data<float>().ToArray(), released.get_image_features(pixels).data<float>().ToArray());
        });
    }

    [Fact]
    public void LoadingPacksWhatTheFolderHolds() => LiveTensors.AssertUnchanged(() =>
    {
        var folder = TestData.Path("checkpoints", "base-sharded");
        using var scope = NewDisposeScope();
        using var model = AltCLIPModel.FromPretrained(folder);
        using var packed = model.ForInference();
        using var loaded = AltCLIPInference.FromPretrained(folder);
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 2, 5), AltCLIPInferenceTests.Pixels(model, 1));
        Assert.Equal(packed.get_text_features(ids).data<float>().ToArray(), loaded.get_text_features(ids).data<float>().ToArray());
        Assert.Equal(packed.get_image_features(pixels).data<float>().ToArray(), loaded.get_image_features(pixels).data<float>().ToArray());
    });

    [Fact]
    public void AnEncoderCanBeLeftOut()
    {
        using var model = ModelBuilder.Model();
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(), ModelBuilder.Pixels());
        using var images = model.ForInference(new() { Towers = InferenceTowers.Image });
        using var texts = model.ForInference(new() { Towers = InferenceTowers.Text });
        images.get_image_features(pixels);
        texts.get_text_features(ids);
        Assert.Contains("Text", Assert.Throws<InvalidOperationException>(() => images.get_text_features(ids)).Message);
        Assert.Contains("Image", Assert.Throws<InvalidOperationException>(() => texts.get_image_features(pixels)).Message);
        Assert.Throws<InvalidOperationException>(() => texts.forward(ids, pixels));
        Assert.Throws<ArgumentException>(() => model.ForInference(new() { Towers = 0 }));
        Assert.Throws<ArgumentException>(() => model.ForInference(new() { Precision = (InferencePrecision)9 }));
    }

    [Fact]
    public void ADisposedOneRefuses()
    {
        using var model = ModelBuilder.Model();
        var inference = model.ForInference();
        inference.Dispose();
        inference.Dispose();
        using var scope = NewDisposeScope();
        Assert.Throws<ObjectDisposedException>(() => inference.get_text_features(ModelBuilder.Ids()));
        Assert.Throws<ObjectDisposedException>(() => inference.get_image_features(ModelBuilder.Pixels()));
        using (model.get_text_features(ModelBuilder.Ids())) { }
    }

    [Fact]
    public async Task OneDisposedWhileOthersComputeLetsThemEnd()
    {
        using var model = ModelBuilder.Model();
        var inference = model.ForInference();
        using var ids = ModelBuilder.Ids();
        using var pixels = ModelBuilder.Pixels();
        using var computing = new CountdownEvent(3);
        var callers = Enumerable.Range(0, computing.InitialCount).Select(_ => Task.Run(() =>
        {
            using (inference.forward(ids, pixels)) computing.Signal();
            while (true)
            {
                using (inference.forward(ids, pixels)) { }
            }
        })).ToArray();
        computing.Wait(TestContext.Current.CancellationToken);
        inference.Dispose();
        foreach (var caller in callers) await Assert.ThrowsAsync<ObjectDisposedException>(() => caller);
    }

    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.Int8)]
    public async Task CallsOfOneAndOfSeveralAtOnceGiveWhatOneAloneGives(InferencePrecision precision)
    {
        using var first = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64));
        using var second = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 128));
        foreach (var kernel in InferenceKernels.Of(first, precision).Intersect(InferenceKernels.Of(second, precision)))
        {
            AltCLIPInference[] both = [first.ForInference(new() { Precision = precision, Kernel = kernel }), second.ForInference(new() { Precision = precision, Kernel = kernel })];
            using var ids = AltCLIPInferenceTests.Ids(first, 5, 9);
            using var pixels = AltCLIPInferenceTests.Pixels(first, 3);
            float[][] alone = [.. both.SelectMany(Embeddings)];
            using var start = new Barrier(4);
            var calls = Enumerable.Range(0, 4).Select(caller => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                for (var i = 0; i < 20; i++) Assert.Equal(alone[(caller % 2 * 2)..][..2], Embeddings(both[caller % 2]));
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            await Task.WhenAll(calls);
            foreach (var inference in both) inference.Dispose();

            float[][] Embeddings(AltCLIPInference inference)
            {
                using var scope = NewDisposeScope();
                return [inference.get_text_features(ids).data<float>().ToArray(), inference.get_image_features(pixels).data<float>().ToArray()];
            }
        }
    }

    [Fact]
    public void WhatTheModelRefusesIsRefused()
    {
        using var model = ModelBuilder.Model();
        using var inference = model.ForInference();
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(), ModelBuilder.Pixels());
        LiveTensors.AssertUnchanged(() =>
        {
            using var inner = NewDisposeScope();
            foreach (var wrong in new[] { zeros(0, 3, dtype: int64), ids.to(float32), ids[0], ids + 1_000_000 })
            {
                var expected = Assert.ThrowsAny<ArgumentException>(() => model.get_text_features(wrong));
                Assert.Equal(expected.Message, Assert.ThrowsAny<ArgumentException>(() => inference.get_text_features(wrong)).Message);
            }
            foreach (var wrong in new[] { pixels[..0], pixels.to(int64), pixels[0], pixels[.., .., 1..] })
            {
                var expected = Assert.ThrowsAny<ArgumentException>(() => model.get_image_features(wrong));
                Assert.Equal(expected.Message, Assert.ThrowsAny<ArgumentException>(() => inference.get_image_features(wrong)).Message);
            }
            Assert.Throws<ArgumentNullException>(() => inference.get_text_features(null!));
            Assert.Throws<ArgumentNullException>(() => inference.get_image_features(null!));
        });
    }

    [Fact]
    public void RelativePositionsAreRefused()
    {
        var config = AltCLIPInferenceTests.Config(width: 32);
        config = config with { TextConfig = config.TextConfig with { PositionEmbeddingType = "relative_key" } };
        using var model = new AltCLIPModel(config);
        Assert.Contains("relative_key", Assert.Throws<NotSupportedException>(() => model.ForInference()).Message);
        model.ForInference(new() { Towers = InferenceTowers.Image }).Dispose();
    }
}
