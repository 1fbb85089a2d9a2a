using AltClip;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>A step's texts, in the order in which workers embed them.</summary>
/// <param name="Emoji">Which emoji each text is of.</param>
/// <param name="Parts">Each worker's batches of texts.</param>
internal sealed record TextBatch(long[] Emoji, string[][][] Parts)
{
    /// <summary>Draws a text each of some emoji.</summary>
    /// <param name="emoji">The emoji.</param>
    /// <param name="caption">Draws a text of one.</param>
    /// <param name="workers">How many workers embed them.</param>
    /// <param name="random">Decides.</param>
    public static TextBatch Draw(int[] emoji, Func<int, Random, string> caption, int workers, Random random)
    {
        var texts = emoji.Select(place => caption(place, random)).ToArray();
        var parts = Texts.Share(texts, workers);
        return new TextBatch(
            [.. parts.SelectMany(part => part).SelectMany(batch => batch).Select(i => (long)emoji[i])],
            [.. parts.Select(part => part.Select(batch => batch.Select(i => texts[i]).ToArray()).ToArray())]);
    }

    /// <summary>What worker i embeds: [texts, width], not normalised.</summary>
    public Tensor[] Embed(int worker, AltCLIPModel model, XLMRobertaTokenizer tokenizer)
    {
        using var scope = NewDisposeScope();
        return [scope.MoveToOuter(cat([.. Parts[worker].Select(batch => Texts.Features(model, tokenizer, batch))]))];
    }
}
