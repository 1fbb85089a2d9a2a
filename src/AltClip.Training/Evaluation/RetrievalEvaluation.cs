using AltClip.Imaging;
using AltClip.Shared;
using AltClip.Training.Data;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>
/// Image-text retrieval in both directions as on Flickr30k and COCO, in Chinese Flickr30k-CN and COCO-CN: with each picture find one of its
/// captions
/// among all captions, with each caption find its picture among all pictures.
/// </summary>
/// <remarks>Of things that are equally near, the one that comes first in the data set counts as nearer.</remarks>
public static class RetrievalEvaluation
{
    // 64 MB of scores at a time, however many there are.
    private const int ScoresAtATime = 1 << 24;

    /// <summary>Embeds pictures and captions and counts how often they find each other.</summary>
    /// <param name="pipeline">
    /// Model and processor. With <see cref="ImageErrorHandling.Skip"/> in its options, unreadable pictures don't count.
    /// </param>
    /// <param name="examples">The pictures with their captions.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">There are no pictures, or one has no caption.</exception>
    /// <exception cref="ImageException">A picture can't be read, the message names it; or none can.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<RetrievalReport> RunAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<CaptionedImage> examples, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0) throw new ArgumentException("There are no pictures.", nameof(examples));
        var captions = examples.Select(example => example.Captions).ToList();
        var without = captions.FindIndex(own => own.Count == 0);
        if (without >= 0) throw new ArgumentException($"{examples[without].Image.Name} has no caption; expected one at least.", nameof(examples));

        var (rows, skipped, kept) = (new List<float[]>(), new List<SkippedImage>(), new List<int>());
        var images = ReadableImages.EncodeAsync(pipeline, examples.Select(example => example.Image), skipped, progress, cancellationToken);
        await foreach (var image in images.ConfigureAwait(false))
        {
            rows.Add(image.Embedding.ToArray());
            kept.Add(image.Index);
        }
        if (kept.Count == 0)
            throw new ImageException($"None of the {examples.Count} pictures can be read; the first: {skipped[0].Error.Message}");
        return await Task.Run(() =>
        {
            using var scope = NewDisposeScope();
            int[] imageOfText = [.. kept.SelectMany((index, place) => captions[index].Select(_ => place))];
            var texts = pipeline.EmbedText([.. kept.SelectMany(index => captions[index])], cancellationToken);
            var pictures = tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, rows[0].Length], device: texts.device);
            return Score(pictures, texts, imageOfText, cancellationToken) with { Skipped = skipped };
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts how often embeddings find each other, for a model of one's own or one in training.</summary>
    /// <param name="imageEmbeds">Embeddings of length one: floating point [pictures, width].</param>
    /// <param name="textEmbeds">Embeddings of length one: floating point [texts, width].</param>
    /// <param name="imageOfText">The picture that each text belongs to; each picture has one text at least.</param>
    /// <param name="cancellationToken">Stops between blocks of scores.</param>
    /// <exception cref="ArgumentException">Shapes and counts don't fit, or a picture has no text.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RetrievalReport Score(
        Tensor imageEmbeds, Tensor textEmbeds, IReadOnlyList<int> imageOfText, CancellationToken cancellationToken = default) =>
        Score(imageEmbeds, textEmbeds, imageOfText, ScoresAtATime, cancellationToken);

    /// <summary>The same, with a number of scores to have in memory at most.</summary>
    internal static RetrievalReport Score(
        Tensor imageEmbeds, Tensor textEmbeds, IReadOnlyList<int> imageOfText, int scoresAtATime, CancellationToken cancellationToken)
    {
        var (byImage, byText) = Ranks(imageEmbeds, textEmbeds, imageOfText, scoresAtATime, cancellationToken);
        return new RetrievalReport(Recalls.Of(byImage), Recalls.Of(byText), byImage.Count, byText.Count, []);
    }

    /// <summary>The place, from 0, of what each query finds: of a picture's best text, and of a text's picture.</summary>
    internal static (IReadOnlyList<int> ByImage, IReadOnlyList<int> ByText) Ranks(
        Tensor imageEmbeds, Tensor textEmbeds, IReadOnlyList<int> imageOfText, int scoresAtATime = ScoresAtATime,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(imageEmbeds);
        ArgumentNullException.ThrowIfNull(textEmbeds);
        ArgumentNullException.ThrowIfNull(imageOfText);
        Check.Rank(imageEmbeds, nameof(imageEmbeds), "[pictures, width]", 2);
        Check.Shape(textEmbeds, nameof(textEmbeds), "[texts, width]", imageOfText.Count, imageEmbeds.shape[1]);
        var texts = Enumerable.Range(0, imageOfText.Count).ToLookup(text => imageOfText[text]);
        var images = (int)imageEmbeds.shape[0];
        foreach (var image in imageOfText)
        {
            if (image < 0 || image >= images)
                throw new ArgumentException($"A text belongs to picture {image}; expected 0 to {images - 1}.", nameof(imageOfText));
        }
        if (Enumerable.Range(0, images).FirstOrDefault(image => !texts.Contains(image), -1) is var without && without >= 0)
            throw new ArgumentException($"Picture {without} has no text; expected one at least.", nameof(imageOfText));

        var byImage = Ranks(
            imageEmbeds, textEmbeds, scoresAtATime, (row, image) => texts[image].Min(text => Ranking.Of(row, text)), cancellationToken);
        var byText = Ranks(textEmbeds, imageEmbeds, scoresAtATime, (row, text) => Ranking.Of(row, imageOfText[text]), cancellationToken);
        return (byImage, byText);
    }

    private static List<int> Ranks(
        Tensor queries, Tensor items, int scoresAtATime, Func<float[], int, int> rank, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        var ranks = new List<int>();
        var block = Math.Max(1, scoresAtATime / items.shape[0]);
        for (var first = 0L; first < queries.shape[0]; first += block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var scores = queries.slice(0, first, Math.Min(first + block, queries.shape[0]), 1).matmul(items.t());
            foreach (var row in scores.ToRows()) ranks.Add(rank(row, ranks.Count));
        }
        return ranks;
    }
}
