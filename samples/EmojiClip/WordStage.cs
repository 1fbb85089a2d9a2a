using AltClip;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>
/// The text encoder learns words: names and single keywords, each met alone, against pictures of all emoji that were embedded before (the image encoder
/// is locked, as in LiT, Zhai et al., arXiv 2111.07991). A keyword is said of several emoji, so its target is all of them alike.
/// </summary>
internal sealed class WordStage
{
    private const int TextsPerStep = 512;

    private readonly Keywords _keywords;
    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly EmbeddedPictures _pictures;

    /// <param name="keywords">Draws what is learned.</param>
    /// <param name="tokenizer">Reads it.</param>
    /// <param name="pictures">What it compares with.</param>
    public WordStage(Keywords keywords, XLMRobertaTokenizer tokenizer, EmbeddedPictures pictures) =>
        (_keywords, _tokenizer, _pictures) = (keywords, tokenizer, pictures);

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, long step)
    {
        var random = new Random((int)step);
        var drawn = random.GetDistinct(_pictures.Emoji, TextsPerStep).Select(place => _keywords.Draw(place, random)).ToArray();
        var parts = Texts.Share([.. drawn.Select(text => text.Text)], replicas.Count);
        int[] order = [.. parts.SelectMany(part => part).SelectMany(batch => batch)];
        var batch = new TextBatch([], [.. parts.Select(part => part.Select(own => own.Select(i => drawn[i].Text).ToArray()).ToArray())]);
        var ofEach = _pictures.Draw(random);
        return replicas.Backward(
            (i, replica) => batch.Embed(i, replica, _tokenizer),
            (features, logitScale) =>
            {
                var said = Said([.. order.Select(i => drawn[i].Emoji)]);
                var logits = logitScale.exp() * Texts.Unit(features[0]).matmul(_pictures.Of(ofEach).t());
                var ofTexts = -(said / said.sum(dim: 1, keepdim: true) * log_softmax(logits, 1)).sum(dim: 1).mean();
                // Of the texts of this batch that are said of an emoji all are right; emoji of which none is are not asked.
                var asked = said.sum(dim: 0).gt(0).nonzero().squeeze(1);
                var (own, back) = (said.index_select(1, asked), log_softmax(logits.index_select(1, asked), 0));
                var ofPictures = -(own / own.sum(dim: 0, keepdim: true) * back).sum(dim: 0).mean();
                return (ofTexts + ofPictures) / 2;
            });
    }

    /// <summary>[texts, emoji]: 1 where the text is said of the emoji.</summary>
    private Tensor Said(int[][] emojiOfTexts)
    {
        var said = new float[emojiOfTexts.Length * _pictures.Emoji.Length];
        for (var i = 0; i < emojiOfTexts.Length; i++)
        {
            foreach (var place in emojiOfTexts[i]) said[i * _pictures.Emoji.Length + place] = 1;
        }
        return tensor(said, [emojiOfTexts.Length, _pictures.Emoji.Length]);
    }
}
