using AltClip.Modeling;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class WeightInitializerTests
{
    private static readonly AltCLIPConfig Config = new()
    {
        TextConfig = new AltCLIPTextConfig
        {
            VocabSize = 500,
            HiddenSize = 64,
            NumHiddenLayers = 2,
            NumAttentionHeads = 4,
            IntermediateSize = 256,
            ProjectDim = 96,
            InitializerFactor = 0.03,
        },
        VisionConfig = new AltCLIPVisionConfig
        {
            HiddenSize = 128,
            IntermediateSize = 256,
            NumHiddenLayers = 2,
            NumAttentionHeads = 4,
            ImageSize = 224,
            PatchSize = 16,
            InitializerFactor = 3, // counts only for the image encoder alone
        },
        InitializerFactor = 2,
    };

    /// <summary>The standard deviations that transformers' <c>_init_weights</c> gives for these sizes.</summary>
    [Theory]
    [InlineData("text_model.roberta.embeddings.word_embeddings.weight", 0.03)]
    [InlineData("text_model.roberta.encoder.layer.1.intermediate.dense.weight", 0.03)]
    [InlineData("text_model.transformation.weight", 0.03)]
    [InlineData("vision_model.embeddings.patch_embedding.weight", 0.04)]
    [InlineData("vision_model.embeddings.position_embedding.weight", 0.04)]
    [InlineData("vision_model.encoder.layers.0.self_attn.q_proj.weight", 0.088388)]
    [InlineData("vision_model.encoder.layers.0.self_attn.v_proj.weight", 0.088388)]
    [InlineData("vision_model.encoder.layers.0.self_attn.out_proj.weight", 0.176777)]
    [InlineData("vision_model.encoder.layers.0.mlp.fc1.weight", 0.125)]
    [InlineData("vision_model.encoder.layers.0.mlp.fc2.weight", 0.088388)]
    [InlineData("visual_projection.weight", 0.176777)]
    [InlineData("text_projection.weight", 0.204124)]
    public void StartsAsTransformers(string name, double deviation) => AssertDeviation(WeightInitialization.Transformers, name, deviation);

    [Theory]
    [InlineData("text_model.roberta.embeddings.word_embeddings.weight", 0.125)]
    [InlineData("text_model.roberta.encoder.layer.1.output.dense.weight", 0.0625)]
    [InlineData("vision_model.embeddings.patch_embedding.weight", 0.036084)]
    [InlineData("vision_model.encoder.layers.0.self_attn.q_proj.weight", 0.088388)]
    [InlineData("text_projection.weight", 0.102062)]
    public void StartsForTrainingFromNothing(string name, double deviation) => AssertDeviation(WeightInitialization.FanIn, name, deviation);

    [Fact]
    public void TheImageEncoderAloneHasItsOwnFactor()
    {
        using var model = new AltCLIPVisionModel(Config.VisionConfig);
        using var deviation = model.vision_model.embeddings.patch_embedding.weight.std();
        Assert.Equal(1, deviation.ToDouble() / 0.06, 0.05);
    }

    [Theory]
    [InlineData(WeightInitialization.Transformers)]
    [InlineData(WeightInitialization.FanIn)]
    public void NormsBiasesPaddingAndScale(WeightInitialization initialization)
    {
        using var scope = NewDisposeScope();
        using var model = new AltCLIPModel(Config, initialization);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.All(parameters.Where(p => p.Key.EndsWith(".bias")), p => Assert.True(p.Value.eq(0).all().ToBoolean(), p.Key));
        Assert.True(parameters["vision_model.pre_layrnorm.weight"].eq(1).all().ToBoolean());
        Assert.True(parameters["text_model.roberta.encoder.layer.0.output.LayerNorm.weight"].eq(1).all().ToBoolean());
        Assert.True(parameters["text_model.roberta.embeddings.word_embeddings.weight"][1].eq(0).all().ToBoolean());
        Assert.True(parameters["text_model.roberta.embeddings.position_embeddings.weight"][1].eq(0).all().ToBoolean());
        Assert.Equal(2.6592, parameters["logit_scale"].ToDouble(), 1e-6);
        Assert.All(parameters, p => Assert.True(p.Value.requires_grad, p.Key));
    }

    [Fact]
    public void TheSeedDecides()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var first = ModelBuilder.Model();
        manual_seed(5);
        using var second = ModelBuilder.Model();
        Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.Equals(pair.Second)));
    }

    private static void AssertDeviation(WeightInitialization initialization, string name, double expected)
    {
        using var scope = NewDisposeScope();
        using var model = new AltCLIPModel(Config, initialization);
        var weight = model.named_parameters().Single(p => p.name == name).parameter;
        Assert.Equal(1, weight.std().ToDouble() / expected, 0.05);
        Assert.Equal(0, weight.mean().ToDouble() / expected, 0.05);
    }
}
