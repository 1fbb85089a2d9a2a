using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Search;

/// <summary>Groups pictures by their embeddings: one picture, and all that are similar enough to it and in no group yet.</summary>
internal static class SimilarImages
{
    // Of a block's products, which are in memory together.
    private const int Products = 1 << 22;

    private const int MostRows = 1024;

    // Of float32: an embedding and itself may have a little less than 1.
    private const float Rounding = 1e-6f;

    /// <summary>Groups pictures.</summary>
    /// <param name="images">The pictures with their embeddings.</param>
    /// <param name="least">The least cosine with a group's first picture.</param>
    /// <param name="progress">Is told the share that is done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>The groups of two and more. The larger a file, the sooner it is the first of one.</returns>
    public static List<DuplicateImage[]> Group(
        IReadOnlyList<ImageEntry> images, float least, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (images.Count < 2) return [];
        ImageEntry[] order = [.. images.OrderByDescending(image => image.Size).ThenBy(image => image.Id, StringComparer.Ordinal)];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var unit = Unit(order);
        var (groups, isGrouped) = (new List<DuplicateImage[]>(), new bool[order.Length]);
        for (var start = 0; start < order.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Clamp(Products / order.Length, 1, MostRows);
            int[] rows = [.. Enumerable.Range(start, order.Length - start).Where(row => !isGrouped[row]).Take(count)];
            if (rows.Length == 0) break;
            foreach (var (row, similar) in Similar(unit, rows, least))
            {
                if (isGrouped[row]) continue;
                var others = similar.Where(other => other.Row > row && !isGrouped[other.Row]).OrderByDescending(other => other.Cosine).ToList();
                if (others.Count == 0) continue;
                isGrouped[row] = true;
                foreach (var other in others) isGrouped[other.Row] = true;
                groups.Add([.. others.Prepend((row, 1)).Select(found => new DuplicateImage(order[found.Row].Id, order[found.Row].Size, found.Cosine))]);
            }
            start = rows[^1] + 1;
            progress?.Report((double)start / order.Length);
        }
        return groups;
    }

    private static Tensor Unit(ImageEntry[] images)
    {
        using var scope = NewDisposeScope();
        var all = new float[(long)images.Length * images[0].Embedding.Length];
        for (var i = 0; i < images.Length; i++) images[i].Embedding.CopyTo(all.AsMemory(i * images[0].Embedding.Length));
        return nn.functional.normalize(tensor(all, [images.Length, images[0].Embedding.Length]), dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>For each of some rows, in their order, the rows that are similar enough, itself among them.</summary>
    private static List<(int Row, List<(int Row, float Cosine)> Similar)> Similar(Tensor unit, int[] rows, float least)
    {
        using var scope = NewDisposeScope();
        using Scalar lowest = -1, highest = 1, bound = least - Rounding;
        var first = rows[0];
        // All before are grouped, or were compared with these.
        var cosines = unit[tensor(rows.Select(row => (long)row).ToArray())].matmul(unit[first..].t()).clamp_(lowest, highest);
        var places = cosines.ge(bound).nonzero();
        var values = cosines[places.select(1, 0), places.select(1, 1)].data<float>().ToArray();
        var pairs = places.data<long>().ToArray();
        var found = rows.Select(row => (row, new List<(int, float)>())).ToList();
        for (var i = 0; i < values.Length; i++) found[(int)pairs[2 * i]].Item2.Add((first + (int)pairs[2 * i + 1], values[i]));
        return found;
    }
}
