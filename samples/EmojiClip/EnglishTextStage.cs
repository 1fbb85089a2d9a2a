using AltClip;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>The English text encoder catches up with the image encoder: captions find the point where their emoji's pictures meet.</summary>
/// <param name="model">The model with those points.</param>
/// <param name="emoji">The emoji.</param>
/// <param name="tokenizer">Reads captions.</param>
internal sealed class EnglishTextStage(EmojiModel model, EmojiSet emoji, XLMRobertaTokenizer tokenizer)
{
    private const int TextsPerStep = 256;

    private readonly int[] _all = [.. Enumerable.Range(0, emoji.Codes.Length)];

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, long step)
    {
        var random = new Random((int)step);
        var batch = TextBatch.Draw(
            random.GetDistinct(_all, TextsPerStep), (place, source) => EnglishCaptions.Draw(emoji.English[place], variety: 0.7f, source), replicas.Count, random);
        return replicas.Backward(
            (i, replica) => batch.Embed(i, replica, tokenizer),
            (features, _) => cross_entropy(
                PrototypeStage.Scale * Texts.Unit(features[0]).matmul(Texts.Unit(model.prototypes).t()), tensor(batch.Emoji)));
    }
}
