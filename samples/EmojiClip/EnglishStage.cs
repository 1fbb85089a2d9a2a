using AltClip;
using AltClip.Modeling;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>
/// Stage (a): both encoders from nothing, on pictures and English texts. A step takes some emoji, none twice, each with one text and two
/// pictures, by different artists where there are two.
/// </summary>
/// <param name="emoji">The emoji.</param>
/// <param name="drawings">Their pictures, of every emoji at least one.</param>
/// <param name="tokenizer">Reads captions.</param>
/// <param name="caption">Draws a caption of an emoji, as varied as asked for.</param>
/// <param name="prototypes">The points that pictures and texts must find as well, or null.</param>
internal sealed class EnglishStage(
    EmojiSet emoji, IReadOnlyList<Drawing> drawings, XLMRobertaTokenizer tokenizer, Func<int, float, Random, string> caption, Tensor? prototypes)
{
    private const int EmojiPerStep = 64;

    private readonly Drawing[][] _drawings = [.. drawings.GroupBy(drawing => drawing.Emoji).OrderBy(group => group.Key).Select(group => group.ToArray())];

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, Phase phase, long step)
    {
        var emojiOfStep = Choose(new Random(Seed(step, 0)), phase.Neighbours);
        var part = EmojiPerStep / replicas.Count;
        return replicas.Backward(
            (i, replica) => Embed(replica, emojiOfStep.AsSpan(i * part, part), phase.PictureSide, phase.StrengthAt(step), new Random(Seed(step, 1 + i))),
            (embeddings, logitScale) =>
            {
                var contrastive = Contrastive(embeddings[0], embeddings[1], logitScale);
                if (prototypes is null) return contrastive;
                var emoji = tensor(emojiOfStep.Select(artists => (long)artists[0].Emoji).ToArray());
                return (contrastive + ToPrototypes(embeddings[0], emoji) + ToPrototypes(embeddings[1].flatten(0, 1), emoji.repeat_interleave(2))) / 2;
            });
    }

    /// <summary>Runs of neighbours in the list, where similar emoji stand side by side: they are the hardest to tell apart.</summary>
    private Drawing[][] Choose(Random random, int neighbours)
    {
        var first = random.Next(neighbours);
        var runs = Enumerable.Range(0, _drawings.Length / neighbours).ToArray();
        random.Shuffle(runs);
        return [.. runs.Take(EmojiPerStep / neighbours).SelectMany(run =>
            Enumerable.Range(0, neighbours).Select(i => _drawings[(run * neighbours + first + i) % _drawings.Length]))];
    }

    private Tensor[] Embed(AltCLIPModel replica, ReadOnlySpan<Drawing[]> emojiOfPart, int side, float strength, Random random)
    {
        var count = emojiOfPart.Length;
        var (captions, canvases) = (new string[count], new Canvas[2 * count]);
        for (var i = 0; i < count; i++)
        {
            var artists = emojiOfPart[i];
            captions[i] = caption(artists[0].Emoji, strength, random);
            var first = random.Next(artists.Length);
            var second = (first + random.Next(1, Math.Max(2, artists.Length))) % artists.Length;
            var mayMirror = Mirrors.MeanTheSame(emoji, artists[0].Emoji);
            canvases[i] = PictureAugmentation.Draw(artists[first], mayMirror, side, strength, random);
            canvases[count + i] = PictureAugmentation.Draw(artists[second], mayMirror, side, strength, random);
        }
        var pictures = Pictures.Embed(replica, canvases);
        return [Texts.Embed(replica, tokenizer, captions), pictures.reshape(2, count, -1).transpose(0, 1)];
    }

    /// <summary>CLIP's loss, the mean over the views: each text finds its picture in each view, and each picture its text.</summary>
    private static Tensor Contrastive(Tensor texts, Tensor pictures, Tensor logitScale)
    {
        var views = pictures.unbind(1);
        return views.Select(view => Losses.Contrastive(logitScale.exp() * texts.matmul(view.t()))).Aggregate((a, b) => a + b) / views.Length;
    }

    private Tensor ToPrototypes(Tensor embeddings, Tensor emoji) =>
        cross_entropy(PrototypeStage.Scale * embeddings.matmul(Texts.Unit(prototypes!).t()), emoji);

    private static int Seed(long step, int part) => (int)(step * 16 + part);
}
