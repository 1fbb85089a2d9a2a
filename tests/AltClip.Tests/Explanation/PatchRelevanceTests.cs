using AltClip.Pipeline.Explanation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class PatchRelevanceTests : IDisposable
{
    private static readonly string Checkpoint = TestData.Path("checkpoints", "base");

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>With one layer, the rule is the mean over heads of what is positive of attention times slope; slopes here are measured.</summary>
    [Fact]
    public void OneLayerAgreesWithFiniteDifferences()
    {
        using (manual_seed(3)) { }
        using var model = OneLayer();
        var (pixels, text) = (rand(1, 3, 30, 30, dtype: float64), randn(1, 20, dtype: float64));
        var (relevance, similarity) = PatchRelevance.Compute(model, pixels, text);
        using var noGrad = no_grad();
        using var vision = model.vision_model.Forward(pixels, true, false, false);
        var attention = vision.Attentions![0];
        Assert.Equal(similarity.item<double>(), Similarity(model, pixels, attention, text), 1e-12);
        var (heads, patches) = ((int)attention.shape[1], (int)attention.shape[3] - 1);
        const double Step = 1e-6;
        for (var patch = 0; patch < patches; patch++)
        {
            var expected = 0.0;
            for (var head = 0; head < heads; head++)
            {
                var moved = zeros_like(attention);
                moved[0, head, 0, patch + 1] = Step;
                var slope = (Similarity(model, pixels, attention + moved, text) - Similarity(model, pixels, attention - moved, text)) / (2 * Step);
                expected += Math.Max(0, slope * attention[0, head, 0, patch + 1].item<double>()) / heads;
            }
            Assert.Equal(expected, relevance[0, 0].flatten()[patch].item<double>(), 1e-9);
        }
        Assert.True(relevance.max().item<double>() > 1e-5);
    }

    [Fact]
    public void PicturesAndTextsDoNotMixAndLengthsDoNotCount()
    {
        using var model = AltCLIPModel.FromPretrained(Checkpoint);
        using (manual_seed(4)) { }
        var (pixels, texts) = (rand(3, 3, 30, 30), randn(2, 20));
        var (relevance, similarity) = PatchRelevance.Compute(model, pixels, texts);
        Assert.Equal([3, 2, 5, 5], relevance.shape);
        Assert.Equal([3, 2], similarity.shape);
        Assert.True(relevance.ge(0).all().item<bool>());
        for (var picture = 0; picture < 3; picture++)
        {
            for (var text = 0; text < 2; text++)
            {
                var (own, _) = PatchRelevance.Compute(model, pixels[picture].unsqueeze(0), texts[text].unsqueeze(0) * 7);
                Assert.True(own[0, 0].allclose(relevance[picture, text], rtol: 1e-3, atol: 1e-7));
            }
        }
        Assert.False(relevance[0, 0].allclose(relevance[0, 1], rtol: 1e-2));
        Assert.False(relevance[0, 0].allclose(relevance[1, 0], rtol: 1e-2));
    }

    [Fact]
    public void NothingStaysAndWhatIsWrongIsRefused()
    {
        using var model = AltCLIPModel.FromPretrained(Checkpoint);
        var (pixels, texts) = (rand(1, 3, 30, 30), randn(2, 20));
        LiveTensors.AssertUnchanged(() =>
        {
            var (relevance, similarity) = PatchRelevance.Compute(model, pixels, texts);
            relevance.Dispose();
            similarity.Dispose();
            Assert.Throws<ArgumentException>("text_embeds", () => PatchRelevance.Compute(model, pixels, pixels));
            Assert.Throws<ArgumentException>("pixel_values", () => PatchRelevance.Compute(model, texts, texts));
            Assert.Throws<OperationCanceledException>(() => PatchRelevance.Compute(model, pixels, texts, new CancellationToken(true)));
            model.train();
            Assert.Throws<ArgumentException>("model", () => PatchRelevance.Compute(model, pixels, texts));
        });
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    private static AltCLIPModel OneLayer()
    {
        var config = AltCLIPConfig.FromPretrained(Checkpoint);
        config = config with { VisionConfig = config.VisionConfig with { NumHiddenLayers = 1 } };
        var model = new AltCLIPModel(config);
        model.to(float64);
        model.eval();
        // Fresh weights are so small that attention hardly chooses.
        using var noGrad = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            if (name.StartsWith("vision_model.encoder", StringComparison.Ordinal) && parameter.dim() == 2) parameter.mul_(5);
        return model;
    }

    /// <summary>The rest of the encoder after the attention weights, written out.</summary>
    private static double Similarity(AltCLIPModel model, Tensor pixels, Tensor attention, Tensor text)
    {
        using var scope = NewDisposeScope();
        var vision = model.vision_model;
        var layer = vision.encoder.layers[0];
        var states = vision.pre_layrnorm.forward(vision.embeddings.forward(pixels, false));
        var values = layer.self_attn.v_proj.forward(layer.layer_norm1.forward(states)).view(1, states.shape[1], attention.shape[1], -1).transpose(1, 2);
        states = states + layer.self_attn.out_proj.forward(attention.matmul(values).transpose(1, 2).reshape(states.shape));
        states = states + layer.mlp.forward(layer.layer_norm2.forward(states));
        var image = model.visual_projection.forward(vision.post_layernorm.forward(states[TensorIndex.Colon, 0]));
        return nn.functional.cosine_similarity(image, text, 1).item<double>();
    }
}
