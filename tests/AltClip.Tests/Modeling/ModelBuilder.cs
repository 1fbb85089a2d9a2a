using AltClip.Modeling;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Small models and inputs.</summary>
internal static class ModelBuilder
{
    public static AltCLIPConfig Config(double dropout = 0.1) => new()
    {
        ProjectionDim = 12,
        TextConfig = new AltCLIPTextConfig
        {
            VocabSize = 50,
            HiddenSize = 16,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 24,
            MaxPositionEmbeddings = 12,
            ProjectDim = 10,
            HiddenDropoutProb = dropout,
            AttentionProbsDropoutProb = dropout,
        },
        VisionConfig = new AltCLIPVisionConfig
        {
            HiddenSize = 16,
            IntermediateSize = 24,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            ImageSize = 16,
            PatchSize = 8,
        },
    };

    public static AltCLIPModel Model(double dropout = 0.1) => new(Config(dropout), WeightInitialization.FanIn);

    public static Tensor Ids(int batch = 2, int sequence = 6) => arange(batch * sequence).remainder(40).add(4).view(batch, sequence);

    public static Tensor Pixels(int batch = 2, int size = 16) => linspace(-2, 2, batch * 3 * size * size).view(batch, 3, size, size);
}
