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
internal sealed class PrototypeStage(Tensor points, EmojiSet emoji, IReadOnlyList<Drawing> drawings)
{
    private const int PicturesPerStep = 128;

    /// <summary>The factor on cosines; learning it takes longer than learning the rest.</summary>
    public const double Scale = 24;

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, Phase phase, long step)
    {
        var chosen = new Random((int)step).GetDistinct(drawings, PicturesPerStep);
        var part = PicturesPerStep / replicas.Count;
        return replicas.Backward(
            (i, replica) =>
            {
                var random = new Random((int)(step * 16 + 1 + i));
                return [Pictures.Embed(replica, [.. chosen.Skip(i * part).Take(part).Select(drawing => PictureAugmentation.Draw(
                    drawing, Mirrors.MeanTheSame(emoji, drawing.Emoji), phase.PictureSide, phase.StrengthAt(step), random))])];
            },
            (embeddings, _) => cross_entropy(
                Scale * embeddings[0].matmul(Texts.Unit(points).t()), tensor(chosen.Select(drawing => (long)drawing.Emoji).ToArray())));
    }
}
