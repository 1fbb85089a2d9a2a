using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Embeds many things in batches, on two threads.</summary>
internal static class Parts
{
    private const int Batch = 128;

    /// <param name="count">How many things.</param>
    /// <param name="make">Makes thing i.</param>
    /// <param name="embed">Embeds some of them: [things, width].</param>
    /// <returns>[count, width], which the caller disposes.</returns>
    public static Tensor Embed<T>(int count, Func<int, T> make, Func<T[], Tensor> embed)
    {
        var parts = new Tensor[(count + Batch - 1) / Batch];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            using var noGrad = no_grad();
            parts[i] = embed([.. Enumerable.Range(i * Batch, Math.Min(Batch, count - i * Batch)).Select(make)]);
        });
        var all = cat(parts);
        foreach (var part in parts) part.Dispose();
        return all;
    }
}
