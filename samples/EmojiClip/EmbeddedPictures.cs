using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Pictures that were embedded before, of which a step of a stage takes one of each emoji.</summary>
internal sealed class EmbeddedPictures
{
    private readonly Tensor _embeddings;
    private readonly long[][] _ofEmoji;

    /// <param name="embeddings">Embeddings [n * drawings, width] of length one: all drawings once, then all again, and so on.</param>
    /// <param name="drawings">The drawings, of every emoji at least one.</param>
    public EmbeddedPictures(Tensor embeddings, IReadOnlyList<Drawing> drawings)
    {
        _embeddings = embeddings;
        _ofEmoji =
        [
            .. Enumerable.Range(0, (int)embeddings.shape[0]).GroupBy(i => drawings[i % drawings.Count].Emoji).OrderBy(group => group.Key)
                .Select(group => group.Select(i => (long)i).ToArray()),
        ];
        Emoji = [.. Enumerable.Range(0, _ofEmoji.Length)];
    }

    /// <summary>The places of all emoji.</summary>
    public int[] Emoji { get; }

    /// <summary>A random picture of each emoji, by its row.</summary>
    public long[] Draw(Random random) => [.. _ofEmoji.Select(rows => rows[random.Next(rows.Length)])];

    /// <summary>[emoji, width]: the embeddings of drawn pictures.</summary>
    public Tensor Of(long[] drawn) => _embeddings.index_select(0, tensor(drawn));
}
