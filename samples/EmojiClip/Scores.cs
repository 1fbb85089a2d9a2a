using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>How often the right name is the first, and among the first five.</summary>
internal readonly record struct Accuracy(double Top1, double Top5);

/// <summary>Scores: which of all emoji's names is nearest to a picture.</summary>
internal sealed class Scores(EmojiSet emoji, XLMRobertaTokenizer tokenizer)
{
    /// <summary>Embeddings [pictures, width] of perturbed pictures; picture i is perturbed with seed i.</summary>
    public static Tensor Pictures(AltCLIPModel model, IReadOnlyList<Drawing> drawings, int side = Architecture.PictureSide) => Parts.Embed(
        drawings.Count, i => Perturbation.Draw(drawings[i], side, i), canvases => EmojiClip.Pictures.Embed(model, canvases));

    /// <summary>Compares with the names in a language; emoji that have none in it are neither asked for nor offered.</summary>
    public Accuracy Compare(AltCLIPModel model, Tensor pictures, IReadOnlyList<Drawing> drawings, string language)
    {
        using var scope = NewDisposeScope();
        var (names, missing) = Names(model, language);
        return Nearest(pictures, names, drawings, missing);
    }

    /// <summary>The embeddings of all emoji's names in a language [emoji, width], and which have none in it.</summary>
    public (Tensor Points, bool[] Missing) Names(AltCLIPModel model, string language)
    {
        var captions = emoji.Captions[language];
        var names = Parts.Embed(captions.Length, i => captions[i]?.Name ?? "", texts => Texts.Embed(model, tokenizer, texts));
        return (names, [.. captions.Select(caption => caption is null)]);
    }

    /// <summary>Compares pictures with a point an emoji [emoji, width].</summary>
    public static Accuracy Nearest(Tensor pictures, Tensor points, IReadOnlyList<Drawing> drawings, bool[]? missing = null)
    {
        using var scope = NewDisposeScope();
        missing ??= new bool[points.shape[0]];
        var similarity = pictures.matmul(points.t()).masked_fill(tensor(missing), -2);
        var own = similarity.gather(1, tensor(drawings.Select(drawing => (long)drawing.Emoji).ToArray()).unsqueeze(1));
        var asked = tensor(drawings.Select(drawing => !missing[drawing.Emoji]).ToArray());
        var ranks = (similarity > own).sum(1).masked_select(asked).data<long>().ToArray();
        return new Accuracy(ranks.Average(rank => rank < 1 ? 1.0 : 0), ranks.Average(rank => rank < 5 ? 1.0 : 0));
    }
}
