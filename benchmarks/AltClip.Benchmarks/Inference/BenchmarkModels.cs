using AltClip.Modeling;

namespace AltClip.Benchmarks;

/// <summary>Models of AltCLIP's real size (but with <see cref="Effort.IsQuick"/>) with random weights.</summary>
internal static class BenchmarkModels
{
    // As in the peers' traces: the word embedding is a look-up, whose size costs no time.
    public const int VocabSize = 1000;

    /// <summary>The width of both towers.</summary>
    public static int Width { get; } = Effort.Of(1024, quick: 64);

    /// <summary>The layers of the tower that is timed.</summary>
    public static int Layers { get; } = Effort.Of(24, quick: 2);

    private static int Heads => Effort.Of(16, quick: 4);

    /// <summary>A model with one full-size tower; the other one has a single layer.</summary>
    public static AltCLIPConfig Config(string tower) => AltCLIPConfig.FromTextVisionConfigs(
        new AltCLIPTextConfig
        {
            VocabSize = VocabSize,
            HiddenSize = Width,
            IntermediateSize = 4 * Width,
            NumHiddenLayers = tower == "text" ? Layers : 1,
            NumAttentionHeads = Heads,
        },
        new AltCLIPVisionConfig
        {
            HiddenSize = Width,
            IntermediateSize = 4 * Width,
            NumHiddenLayers = tower == "image" ? Layers : 1,
            NumAttentionHeads = Heads,
            PatchSize = 14,
        });

    public static AltCLIPModel Build(string tower)
    {
        TorchSharp.torch.manual_seed(1);
        var model = new AltCLIPModel(Config(tower), WeightInitialization.FanIn);
        model.eval();
        return model;
    }
}
