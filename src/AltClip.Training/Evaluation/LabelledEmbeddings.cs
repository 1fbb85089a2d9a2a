using AltClip.Imaging;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>Embeddings of pictures with what they show: what a linear probe learns from, or is asked.</summary>
public sealed class LabelledEmbeddings : IDisposable
{
    private const int Block = 256;

    /// <summary>Takes embeddings of a model of one's own.</summary>
    /// <param name="embeddings">floating point [pictures, width]; it is disposed with this.</param>
    /// <param name="labels">The place of each picture's class in the list of classes, from 0.</param>
    /// <exception cref="ArgumentException">There are none, counts don't fit, or a label is negative.</exception>
    public LabelledEmbeddings(Tensor embeddings, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentNullException.ThrowIfNull(labels);
        Check.Shape(embeddings, nameof(embeddings), "[pictures, width]", labels.Count, null);
        Check.FloatingPoint(embeddings, nameof(embeddings));
        CheckLabels(labels, int.MaxValue, nameof(labels));
        (Embeddings, Labels) = (embeddings, labels);
    }

    /// <summary>The embeddings: [pictures, width].</summary>
    public Tensor Embeddings { get; }

    /// <summary>The class of each picture.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The pictures that could not be read and are left out.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; internal init; } = [];

    /// <summary>Embeds pictures.</summary>
    /// <param name="pipeline">Model and processor. With <see cref="ImageErrorHandling.Skip"/> in its options, unreadable pictures are left out.</param>
    /// <param name="images">The pictures, read a few at a time.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>float32 embeddings of length one in the computer's memory, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There are no pictures, or a label is negative.</exception>
    /// <exception cref="ImageException">A picture can't be read, the message names it; or none can.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<LabelledEmbeddings> EncodeAsync(
        AltCLIPPipeline pipeline, IReadOnlyList<LabelledImage> images, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(images);
        CheckLabels([.. images.Select(image => image.Label)], int.MaxValue, nameof(images));
        var (labels, rows, skipped) = (new List<int>(images.Count), new List<float[]>(), new List<SkippedImage>());
        Tensor? all = null;
        try
        {
            var readable = ReadableImages.EncodeAsync(pipeline, images.Select(image => image.Image), skipped, progress, cancellationToken);
            await foreach (var image in readable.ConfigureAwait(false))
            {
                rows.Add(image.Embedding.ToArray());
                labels.Add(images[image.Index].Label);
                all ??= empty(images.Count, rows[0].Length, ScalarType.Float32).DetachFromDisposeScope();
                if (rows.Count == Block) Put(all, labels.Count, rows);
            }
            if (all is null) throw new ImageException($"None of the {images.Count} pictures can be read; the first: {skipped[0].Error.Message}");
            Put(all, labels.Count, rows);
            return new LabelledEmbeddings(all.narrow(0, 0, labels.Count).DetachFromDisposeScope(), labels) { Skipped = skipped };
        }
        finally
        {
            all?.Dispose();
        }
    }

    /// <summary>Some of them.</summary>
    /// <param name="places">Their places, from 0.</param>
    /// <returns>A copy, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There are none.</exception>
    public LabelledEmbeddings Select(IReadOnlyList<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        using var index = tensor(places.Select(place => (long)place).ToArray(), device: Embeddings.device);
        return new LabelledEmbeddings(Embeddings.index_select(0, index), [.. places.Select(place => Labels[place])]);
    }

    /// <summary>Frees the embeddings.</summary>
    public void Dispose() => Embeddings.Dispose();

    /// <summary>Refuses labels of no class.</summary>
    internal static void CheckLabels(IReadOnlyList<int> labels, int classes, string name)
    {
        if (labels.Count == 0) throw new ArgumentException("There are no pictures.", name);
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"The label of picture {i} is {labels[i]}; expected 0 to {classes - 1}.", name);
        }
    }

    private static void Put(Tensor all, int end, List<float[]> rows)
    {
        if (rows.Count == 0) return;
        using var scope = NewDisposeScope();
        all.narrow(0, end - rows.Count, rows.Count).copy_(tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, rows[0].Length]));
        rows.Clear();
    }
}
