using AltClip.Imaging;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>A whole model of some 200 kB, with tokenizer and image settings, for programs that load it often. Its weights are random.</summary>
internal static class SmallModel
{
    /// <summary>Writes the model into a folder.</summary>
    /// <param name="data">The folder <c>tests/data</c>.</param>
    /// <param name="folder">The folder; it is made if need be.</param>
    /// <param name="seed">From which the weights follow.</param>
    /// <param name="maxShardSize">The most bytes of one weights file.</param>
    public static void Write(string data, string folder, long seed = 0, long maxShardSize = long.MaxValue)
    {
        var tokenizer = XLMRobertaTokenizer.FromFile(Path.Combine(data, "foreign", "tokenizers", "small", "sentencepiece.bpe.model"));
        var config = AltCLIPConfig.FromPretrained(Path.Combine(data, "checkpoints", "base"));
        config = config with { TextConfig = config.TextConfig with { VocabSize = tokenizer.VocabSize, MaxPositionEmbeddings = 514 } };
        using (manual_seed(seed)) { }
        using (var model = new AltCLIPModel(config)) model.SavePretrained(folder, maxShardSize);
        tokenizer.SavePretrained(folder);
        var size = config.VisionConfig.ImageSize;
        var images = new CLIPImageProcessorConfig { Size = ImageSize.Shortest(size), CropSize = ImageSize.Exactly(size, size) };
        new CLIPImageProcessor(images).SavePretrained(folder);
    }
}
