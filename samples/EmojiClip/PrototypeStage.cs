using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>
/// Makes the image encoder good cheaply, without the text encoder: an emoji's pictures, by all artists and however varied, meet at a point
/// that stands for its name, and every picture compares with all names. Before there are texts the points are learned as well
/// (<see cref="EmojiModel.prototypes"/>); at the end they are where the text encoder puts the names.
/// </summary>
/// <param name="points">The points [emoji, width], not normalised.</param>
/// <param name="emoji">The emoji.</param>
/// <param name="drawings">Their pictures.</param>
/// <param name="anchors">
/// Embeddings [pictures, width] of length one that a picture, however varied, is to stay near as well; null for none. The text encoder knows
/// more than names, and where it puts that was learned from them.
/// </param>
internal sealed class PrototypeStage(Tensor points, EmojiSet emoji, IReadOnlyList<Drawing> drawings, Tensor? anchors = null)
{
    private const int PicturesPerStep = 128;

    /// <summary>The factor on cosines; learning it takes longer than learning the rest.</summary>
    public const double Scale = 24;

    private const double AnchorWeight = 4;

    private readonly Dictionary<int, Drawing[]> _byEmoji = drawings.GroupBy(drawing => drawing.Emoji).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, Phase phase, long step)
    {
        var chosen = new Random((int)step).GetDistinct([.. Enumerable.Range(0, drawings.Count)], PicturesPerStep);
        var part = PicturesPerStep / replicas.Count;
        return replicas.Backward(
            (i, replica) =>
            {
                var random = new Random((int)(step * 16 + 1 + i));
                return [Pictures.Embed(replica, [.. chosen.Skip(i * part).Take(part).Select(place => PictureAugmentation.Draw(
                    drawings[place], Mirrors.MeanTheSame(emoji, drawings[place].Emoji), phase.PictureSide, phase.StrengthAt(step), random, phase.IsWide,
                    phase.MixesArtists ? OfAny(drawings[place].Emoji, random) : null))])];
            },
            (embeddings, _) => Loss(embeddings[0], chosen));
    }

    private Drawing OfAny(int emoji, Random random) => _byEmoji[emoji][random.Next(_byEmoji[emoji].Length)];

    private Tensor Loss(Tensor embeddings, int[] chosen)
    {
        var names = cross_entropy(
            Scale * embeddings.matmul(Texts.Unit(points).t()), tensor(chosen.Select(place => (long)drawings[place].Emoji).ToArray()));
        if (anchors is null) return names;
        var cosines = (embeddings * anchors.index_select(0, tensor(chosen.Select(place => (long)place).ToArray()))).sum(1);
        return names + AnchorWeight * (1 - cosines.mean());
    }
}
