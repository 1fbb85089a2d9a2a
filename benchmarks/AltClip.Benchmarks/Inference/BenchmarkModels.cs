namespace AltClip.Benchmarks;

/// <summary>Models of AltCLIP's real size with random weights.</summary>
internal static class BenchmarkModels
{
    // As in the peers' traces: the word embedding is a look-up, whose size costs no time.
    public const int VocabSize = 1000;

    /// <summary>A model with one full-size tower; the other one has a single layer.</summary>
    public static AltCLIPConfig Config(string tower) => AltCLIPConfig.FromTextVisionConfigs(
        new AltCLIPTextConfig { VocabSize = VocabSize, NumHiddenLayers = tower == "text" ? 24 : 1 },
        new AltCLIPVisionConfig
        {
            HiddenSize = 1024,
            IntermediateSize = 4096,
            NumHiddenLayers = tower == "image" ? 24 : 1,
            NumAttentionHeads = 16,
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
