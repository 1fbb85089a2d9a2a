using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Texts as the model takes them.</summary>
internal static class Texts
{
    private static readonly TokenizerOptions Options = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst, MaxLength = 40 };

    /// <summary>Embeddings [texts, width] of length one, in float32.</summary>
    public static Tensor Embed(AltCLIPModel model, XLMRobertaTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        var inputs = tokenizer.Encode(texts, Options).ToTensors();
        return scope.MoveToOuter(Unit(model.get_text_features(inputs["input_ids"], inputs["attention_mask"])));
    }

    public static Tensor Unit(Tensor embeddings) => nn.functional.normalize(embeddings.to(ScalarType.Float32), dim: -1);
}
