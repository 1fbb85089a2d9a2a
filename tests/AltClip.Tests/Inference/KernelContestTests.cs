using AltClip.Inference;
using AltClip.Inference.Kernels;
using AltClip.Modeling;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>How the kernel of an encoder is found, kept, and named.</summary>
[Collection(nameof(ProcessWide))]
public sealed class KernelContestTests : IDisposable
{
    private readonly string? _cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
    private readonly TemporaryFolder _folder = new();

    public KernelContestTests() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _folder.Path);

    private static EncoderCandidate Last(InferencePrecision precision) => new(EncoderKernels.All[^1], precision);

    [Fact]
    public void TheOneWithTheBestWorstWorkWins()
    {
        Assert.Equal(1, KernelContest.Best([[10, 200], [11, 100], [20, 99]]));
        Assert.Equal(0, KernelContest.Best([[10, 104], [11, 100]]));
        Assert.Equal(0, KernelContest.Best([[1], [1]]));
    }

    [Fact]
    public void EachIsTimedAtEveryWork()
    {
        using var model = Model();
        foreach (var (encoder, works) in new[] { (EncoderSpec.Text(model), 2), (EncoderSpec.Image(model), 1) })
        {
            LiveTensors.AssertUnchanged(() =>
            {
                var contenders = EncoderKernels.Candidates(encoder, InferencePrecision.BFloat16, CPU);
                var times = KernelContest.Measure(encoder, contenders, CPU);
                Assert.Equal(contenders.Count, times.Length);
                Assert.All(times, one =>
                {
                    Assert.Equal(works, one.Length);
                    Assert.All(one, time => Assert.InRange(time, 1e-6, 1e5));
                });
            });
        }
    }

    [Fact]
    public void HigherPrecisionsTakePartWhereOnlyLibtorchHasTheOneAskedFor()
    {
        var other = new EncoderCandidate(EncoderKernels.All[0], InferencePrecision.Float32);
        EncoderCandidate[] slow = [Last(InferencePrecision.BFloat16), other, Last(InferencePrecision.Float32)];
        Assert.Equal(slow, EncoderKernels.Contenders(slow));
        var fast = other with { Precision = InferencePrecision.BFloat16 };
        Assert.Equal([fast, slow[0]], EncoderKernels.Contenders([fast, .. slow]));
    }

    [Fact]
    public void WhatWonIsKeptForAMonthAndForItsKeyOnly()
    {
        Assert.Null(KernelMemory.Find("a"));
        KernelMemory.Keep("a", Last(InferencePrecision.BFloat16));
        Assert.Equal("Libtorch BFloat16", KernelMemory.Find("a"));
        Assert.Null(KernelMemory.Find("b"));
        var file = Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-31));
        Assert.Null(KernelMemory.Find("a"));
        KernelMemory.Keep("a", Last(InferencePrecision.Float32));
        Assert.Equal("Libtorch Float32", KernelMemory.Find("a"));
        File.WriteAllText(file, "Libtorch Float32\nanother key");
        Assert.Null(KernelMemory.Find("a"));
        File.WriteAllText(file, "");
        Assert.Null(KernelMemory.Find("a"));
    }

    [Fact]
    public void AFolderThatCannotBeWrittenToIsNoError()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "altclip"), "a file where the folder should be");
        KernelMemory.Keep("a", Last(InferencePrecision.Float32));
        Assert.Null(KernelMemory.Find("a"));
    }

    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void ThePrecisionThatIsComputedInIsNamed(InferencePrecision asked)
    {
        using var model = Model();
        Assert.All(InferenceKernels.Of(model, asked), kernel =>
        {
            using var inference = model.ForInference(new() { Kernel = kernel, Precision = asked });
            Assert.Equal(asked, inference.Precision);
            Assert.True(inference.TextPrecision <= asked && inference.ImagePrecision <= asked);
            if (kernel == "Libtorch") Assert.NotEqual(InferencePrecision.Int8, inference.TextPrecision);
            if (kernel == "PanelsAvx2" && asked == InferencePrecision.BFloat16) Assert.Equal(InferencePrecision.Float32, inference.TextPrecision);
        });
        using var images = model.ForInference(new() { Precision = asked, Towers = InferenceTowers.Image });
        Assert.Null(images.TextPrecision);
        Assert.NotNull(images.ImagePrecision);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _cache);
        _folder.Dispose();
    }

    private static AltCLIPModel Model()
    {
        var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64), WeightInitialization.FanIn);
        model.eval();
        return model;
    }
}
