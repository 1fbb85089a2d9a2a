using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Texts as the model takes them.</summary>
internal static class Texts
{
    private static readonly TokenizerOptions Options = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst, MaxLength = 40 };

    /// <summary>Embeddings [texts, width] in float32, not normalised.</summary>
    public static Tensor Features(AltCLIPModel model, XLMRobertaTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        var inputs = tokenizer.Encode(texts, Options).ToTensors();
        return scope.MoveToOuter(model.get_text_features(inputs["input_ids"], inputs["attention_mask"]).to(ScalarType.Float32));
    }

    /// <summary>Embeddings [texts, width] of length one, in float32.</summary>
    public static Tensor Embed(AltCLIPModel model, XLMRobertaTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        using var features = Features(model, tokenizer, texts);
        return Unit(features);
    }

    /// <summary>
    /// Shares texts out for workers to embed in two batches each, of texts of about one length, so that little is spent on padding: the
    /// shortest quarter and the longest go to the first of two workers.
    /// </summary>
    /// <returns>For each worker its batches, of places in <paramref name="texts"/>.</returns>
    public static int[][][] Share(string[] texts, int workers)
    {
        var byLength = Enumerable.Range(0, texts.Length).OrderBy(i => texts[i].Length).ThenBy(i => i).Chunk(texts.Length / (2 * workers)).ToArray();
        return [.. Enumerable.Range(0, workers).Select(i => new[] { byLength[i], byLength[2 * workers - 1 - i] })];
    }

    /// <summary>Embeddings in float32, made of length one.</summary>
    public static Tensor Unit(Tensor embeddings) => nn.functional.normalize(embeddings.to(ScalarType.Float32), dim: -1);
}
