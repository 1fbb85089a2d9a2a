using AltClip.Modeling;
using AltClip.Tests;
using AltClip.Training.Losses;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class GradientCacheTests : IDisposable
{
    private const int Pairs = 6;

    private readonly AltCLIPModel _model = ModelBuilder.Model(dropout: 0.3);
    private readonly Tensor _ids = ModelBuilder.Ids(Pairs);
    private readonly Tensor _pixels = rand(Pairs, 3, 16, 16);

    public void Dispose()
    {
        _ids.Dispose();
        _pixels.Dispose();
        _model.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(100)]
    public void GradientsAreThePlainBatches(int chunkSize)
    {
        using var scope = NewDisposeScope();
        _model.eval();
        var mask = _ids.lt(35).to(int64);
        var positions = arange(6, dtype: int64).add(2).unsqueeze(0);
        var plain = _model.forward(_ids, _pixels, mask, positions, zeros_like(_ids), return_loss: true).Loss!;
        plain.backward();
        var expected = TakeGradients();

        var loss = GradientCache.ContrastiveBackward(_model, _ids, _pixels, chunkSize, mask, positions, zeros_like(_ids));
        AssertClose(expected, TakeGradients());
        Assert.Equal(plain.item<float>(), loss.item<float>(), 1e-5);
        Assert.False(loss.requires_grad);
    }

    [Fact]
    public void GradientsAreAdded()
    {
        using var scope = NewDisposeScope();
        _model.eval();
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 4);
        var once = Gradients();
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 2);
        AssertClose(once.ToDictionary(p => p.Key, p => p.Value * 2), TakeGradients());
    }

    [Fact]
    public void BothPassesDrawTheSameDropout()
    {
        using var scope = NewDisposeScope();
        const int chunkSize = 2;
        manual_seed(11);
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, chunkSize);
        var cached = TakeGradients();

        manual_seed(11);
        using var chunks = new SeededChunks(Pairs, chunkSize, CancellationToken.None);
        var texts = Embed(chunks, rows => _model.get_text_features(rows.Of(_ids)));
        var pictures = Embed(chunks, rows => _model.get_image_features(rows.Of(_pixels)));
        Modeling.Losses.Contrastive(Similarity.Logits(texts.ToUnitLength(), pictures.ToUnitLength(), _model.logit_scale)).backward();
        AssertClose(TakeGradients(), cached);
    }

    [Fact]
    public void TheGeneratorGoesOnAfterTheSeed()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 2);
        var (first, numbers) = (TakeGradients(), rand(3));
        manual_seed(5);
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 2);
        Assert.True(numbers.equal(rand(3)).all().item<bool>());
        Assert.All(TakeGradients(), p => Assert.True(p.Value.equal(first[p.Key]).all().item<bool>(), p.Key));
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 2);
        Assert.Contains(TakeGradients(), p => !p.Value.equal(first[p.Key]).all().item<bool>());
    }

    [Fact]
    public void AFrozenEncoderGetsNoGradient()
    {
        using var scope = NewDisposeScope();
        _model.eval();
        foreach (var (name, parameter) in _model.named_parameters()) parameter.requires_grad = !name.StartsWith("vis");
        _model.forward(_ids, _pixels, return_loss: true).Loss!.backward();
        var expected = TakeGradients();
        Assert.DoesNotContain(expected, p => p.Key.StartsWith("vis"));
        GradientCache.ContrastiveBackward(_model, _ids, _pixels, 4);
        AssertClose(expected, TakeGradients());
    }

    [Fact]
    public void NothingStaysButTheLoss() => LiveTensors.AssertUnchanged(() =>
    {
        using (GradientCache.ContrastiveBackward(_model, _ids, _pixels, 4)) { }
    });

    [Fact]
    public void CancellationLeavesNothing()
    {
        using var scope = NewDisposeScope();
        LiveTensors.AssertUnchanged(() => Assert.Throws<OperationCanceledException>(() =>
            GradientCache.ContrastiveBackward(_model, _ids, _pixels, 4, cancellationToken: new CancellationToken(canceled: true))));
        Assert.Empty(TakeGradients());
    }

    [Fact]
    public void BadInputIsRefusedByName()
    {
        using var scope = NewDisposeScope();
        var bad = cat([_ids[..5], full([1, 6], 50, dtype: int64)]);
        LiveTensors.AssertUnchanged(() =>
        {
            Assert.Throws<ArgumentOutOfRangeException>("chunk_size", () => GradientCache.ContrastiveBackward(_model, _ids, _pixels, 0));
            Assert.Throws<ArgumentException>("input_ids", () => GradientCache.ContrastiveBackward(_model, bad, _pixels, 4));
            using var fewer = _pixels[..4];
            var refusal = Assert.Throws<ArgumentException>("pixel_values", () => GradientCache.ContrastiveBackward(_model, _ids, fewer, 4));
            Assert.Contains("4 pictures and 6 texts", refusal.Message);
        });
        Assert.Empty(TakeGradients());
    }

    private static Tensor Embed(SeededChunks chunks, Func<RowRange, Tensor> encode) => cat([.. chunks.NewSeeds().Zip(chunks.Rows, (seed, rows) =>
    {
        chunks.Begin(seed);
        return encode(rows);
    })]);

    private Dictionary<string, Tensor> Gradients() => _model.named_parameters().Select(p => (p.name, p.parameter.grad))
        .Where(p => p.grad is not null).ToDictionary(p => p.name, p => p.grad!.clone());

    private Dictionary<string, Tensor> TakeGradients()
    {
        var gradients = Gradients();
        foreach (var parameter in _model.parameters()) parameter.grad = null;
        return gradients;
    }

    private static void AssertClose(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual)
    {
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, p => Assert.True(p.Value.allclose(actual[p.Key], rtol: 0, atol: 1e-5), p.Key));
    }
}
