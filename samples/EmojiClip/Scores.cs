using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>How often the right name is the first, and among the first five.</summary>
internal readonly record struct Accuracy(double Top1, double Top5);

/// <summary>Scores: which of all emoji's names is nearest to a picture.</summary>
internal sealed class Scores(EmojiSet emoji, XLMRobertaTokenizer tokenizer)
{
    /// <summary>Embeddings [pictures, width] of perturbed pictures; picture i is perturbed with seed i.</summary>
    public static Tensor Pictures(AltCLIPModel model, IReadOnlyList<Drawing> drawings) => Parts.Embed(
        drawings.Count, i => Perturbation.Draw(drawings[i], Architecture.PictureSide, i), canvases => EmojiClip.Pictures.Embed(model, canvases));

    /// <summary>Compares with the names in a language; emoji that have none in it are neither asked for nor offered.</summary>
    public Accuracy Compare(AltCLIPModel model, Tensor pictures, IReadOnlyList<Drawing> drawings, string language)
    {
        using var scope = NewDisposeScope();
        var captions = emoji.Captions[language];
        var names = Parts.Embed(captions.Length, i => captions[i]?.Name ?? "", texts => Texts.Embed(model, tokenizer, texts));
        var similarity = pictures.matmul(names.t()).masked_fill(tensor(captions.Select(caption => caption is null).ToArray()), -2);
        var own = similarity.gather(1, tensor(drawings.Select(drawing => (long)drawing.Emoji).ToArray()).unsqueeze(1));
        var asked = tensor(drawings.Select(drawing => captions[drawing.Emoji] is not null).ToArray());
        var ranks = (similarity > own).sum(1).masked_select(asked).data<long>().ToArray();
        return new Accuracy(ranks.Average(rank => rank < 1 ? 1.0 : 0), ranks.Average(rank => rank < 5 ? 1.0 : 0));
    }
}
