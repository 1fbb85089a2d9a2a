using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>How often the right name is the first, and among the first five.</summary>
internal readonly record struct Accuracy(double Top1, double Top5);

/// <summary>Scores: which of all emoji's names is nearest to a picture.</summary>
internal sealed class Scores(EmojiSet emoji, XLMRobertaTokenizer tokenizer)
{
    private const int Batch = 128;

    /// <summary>Embeddings [pictures, width] of perturbed pictures; picture i is perturbed with seed i.</summary>
    public static Tensor Pictures(AltCLIPModel model, IReadOnlyList<Drawing> drawings, bool perturbed = true) =>
        InParts(drawings.Count, (first, count) => EmojiClip.Pictures.Embed(model, [.. Enumerable.Range(first, count).Select(i => perturbed
            ? Perturbation.Draw(drawings[i], Architecture.PictureSide, i) : Perturbation.Plain(drawings[i], Architecture.PictureSide))]));

    /// <summary>Embeddings [emoji, width] of all names of a language, where it has none of an empty text.</summary>
    public Tensor Names(AltCLIPModel model, string language) =>
        InParts(emoji.Codes.Length, (first, count) => Texts.Embed(
            model, tokenizer, [.. emoji.Captions[language].Skip(first).Take(count).Select(caption => caption?.Name ?? "")]));

    /// <summary>Compares; emoji without a name in the language are neither asked for nor offered.</summary>
    public Accuracy Compare(Tensor pictures, Tensor names, IReadOnlyList<Drawing> drawings, string language)
    {
        using var scope = NewDisposeScope();
        var captions = emoji.Captions[language];
        var missing = tensor(captions.Select(caption => caption is null).ToArray());
        var similarity = pictures.matmul(names.t()).masked_fill(missing, -2);
        var own = tensor(drawings.Select(drawing => (long)drawing.Emoji).ToArray());
        var rank = (similarity > similarity.gather(1, own.unsqueeze(1))).sum(1);
        var asked = tensor(drawings.Select(drawing => captions[drawing.Emoji] is not null).ToArray());
        var ranks = rank.masked_select(asked).data<long>().ToArray();
        return new Accuracy(ranks.Average(r => r < 1 ? 1.0 : 0), ranks.Average(r => r < 5 ? 1.0 : 0));
    }

    private static Tensor InParts(int count, Func<int, int, Tensor> embed)
    {
        var parts = new Tensor[(count + Batch - 1) / Batch];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            using var noGrad = no_grad();
            parts[i] = embed(i * Batch, Math.Min(Batch, count - i * Batch));
        });
        var all = cat(parts);
        foreach (var part in parts) part.Dispose();
        return all;
    }
}
