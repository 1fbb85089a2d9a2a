using System.Diagnostics;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class CollectedMeanwhileTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(InferencePrecision.Float32)]
    [InlineData(InferencePrecision.BFloat16)]
    [InlineData(InferencePrecision.Int8)]
    public void PackedModelsGiveTheSameEmbeddings(InferencePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var model = new AltCLIPModel(AltCLIPInferenceTests.Config(width: 64));
        var (ids, pixels) = (AltCLIPInferenceTests.Ids(model, 2, 5), AltCLIPInferenceTests.Pixels(model, 2));
        var mask = ones_like(ids);
        mask.narrow(1, 2, 1).zero_();
        model.ForEachKernel(inference =>
        {
            var expected = Logits(inference);
            using var collecting = new CollectingThread();
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < Duration;) Assert.Equal(expected, Logits(inference));
        }, precision);

        float[] Logits(AltCLIPInference inference)
        {
            using var inner = NewDisposeScope();
            return inference.forward(ids, pixels, mask).LogitsPerText.data<float>().ToArray();
        }
    }
}
