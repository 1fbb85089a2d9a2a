using AltClip;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>
/// Stage (c), the paper's second: contrastive with the image encoder frozen, in all languages. As nothing behind them trains, pictures were
/// embedded before; so a text compares with a picture of every emoji, not only of those of its batch.
/// </summary>
internal sealed class ContrastiveStage
{
    private const int TextsPerStep = 512;

    private readonly Captions _captions;
    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly EmbeddedPictures _pictures;

    /// <param name="captions">Draws what is learned.</param>
    /// <param name="tokenizer">Reads it.</param>
    /// <param name="pictures">What it compares with.</param>
    public ContrastiveStage(Captions captions, XLMRobertaTokenizer tokenizer, EmbeddedPictures pictures) =>
        (_captions, _tokenizer, _pictures) = (captions, tokenizer, pictures);

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, long step)
    {
        var random = new Random((int)step);
        var batch = TextBatch.Draw(random.GetDistinct(_pictures.Emoji, TextsPerStep), _captions.Draw, replicas.Count, random);
        var ofEach = _pictures.Draw(random);
        return replicas.Backward(
            (i, replica) => batch.Embed(i, replica, _tokenizer),
            (features, logitScale) =>
            {
                var (own, pictures) = (tensor(batch.Emoji), _pictures.Of(ofEach));
                var logits = logitScale.exp() * Texts.Unit(features[0]).matmul(pictures.t());
                return (cross_entropy(logits, own) + cross_entropy(logits.index_select(1, own).t(), arange(TextsPerStep))) / 2;
            });
    }
}
