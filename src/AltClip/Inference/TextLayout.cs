using AltClip.Modeling.Text;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>
/// The tokens of a batch that are not padding, texts of equal length together: no product sees padding, and attention needs no mask.
/// </summary>
internal sealed class TextLayout
{
    // The widest states of a block of full-size rows are then 8 MB, which a processor's cache holds.
    private const int BlockTokens = 512;

    private TextLayout(IReadOnlyList<TextBlock> blocks, long[] places) => (Blocks, Places) = (blocks, places);

    /// <summary>Texts in the order of their lengths.</summary>
    public IReadOnlyList<TextBlock> Blocks { get; }

    /// <summary>For each text of the batch, which one it is in that order.</summary>
    public long[] Places { get; }

    /// <summary>Lays a batch out, or returns null if its mask is more than a choice of tokens: see <see cref="Kept"/>.</summary>
    public static TextLayout? TryMake(TextInputs texts, AltCLIPTextConfig config)
    {
        if (config.IsDecoder || Kept(texts.InputIds!.shape, texts.AttentionMask) is not { } kept) return null;
        var order = Enumerable.Range(0, kept.Length).OrderBy(text => kept[text].Length).ToArray();
        var places = new long[kept.Length];
        for (var i = 0; i < order.Length; i++) places[order[i]] = i;

        var blocks = new List<TextBlock>();
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            for (var tokens = kept[order[start]].Length; end < order.Length; end++)
            {
                tokens += kept[order[end]].Length;
                if (tokens > BlockTokens) break;
            }
            blocks.Add(TextBlock.Of([.. order[start..end].Select(text => kept[text])]));
            start = end;
        }
        return new TextLayout(blocks, places);
    }

    /// <summary>
    /// Each text's tokens to attend to, by their place in the flat batch. A token that isn't attended to has no influence on another,
    /// so it can be left out, unless it is the class token, whose state is the text's. Masks with a row for each query, with other values
    /// than 0 and 1, or without the class token can't be had by leaving out.
    /// </summary>
    private static long[][]? Kept(long[] shape, Tensor? mask)
    {
        var (batch, sequence) = (shape[0], shape[1]);
        var all = Enumerable.Range(0, (int)batch).Select(text => Enumerable.Range(0, (int)sequence).Select(i => text * sequence + i));
        if (mask is null) return [.. all.Select(text => text.ToArray())];
        if (mask.dim() != 2) return null;
        using var scope = NewDisposeScope();
        var values = mask.to(float64).cpu().contiguous().data<double>().ToArray();
        if (values.Any(value => value is not (0 or 1)) || Enumerable.Range(0, (int)batch).Any(text => values[text * sequence] == 0)) return null;
        return [.. all.Select(text => text.Where(token => values[token] == 1).ToArray())];
    }
}

/// <summary>Texts that are computed together, of ascending length.</summary>
/// <param name="Tokens">The places of their tokens in the flat batch, text after text.</param>
/// <param name="Groups">How many texts there are of one length, and that length; then those of the next.</param>
internal sealed record TextBlock(long[] Tokens, long[] Groups)
{
    public static TextBlock Of(IReadOnlyList<long[]> texts) => new(
        [.. texts.SelectMany(text => text)],
        [.. texts.GroupBy(text => text.Length).SelectMany(group => (long[])[group.Count(), group.Key])]);
}
