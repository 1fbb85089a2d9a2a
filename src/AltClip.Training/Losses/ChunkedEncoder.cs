using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>One encoder's two passes over a batch in chunks.</summary>
/// <param name="chunks">The chunks.</param>
/// <param name="encode">Embeds one chunk: [rows, width].</param>
/// <param name="trains">Whether anything behind the embeddings wants a gradient.</param>
internal sealed class ChunkedEncoder(SeededChunks chunks, Func<RowRange, Tensor> encode, bool trains)
{
    private readonly long[] _seeds = chunks.NewSeeds();

    /// <summary>The embeddings of the whole batch, without the graph behind them.</summary>
    public Tensor Embed()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = new List<Tensor>();
        for (var i = 0; i < _seeds.Length; i++) parts.Add(Encode(i));
        return scope.MoveToOuter(cat(parts).requires_grad_(trains));
    }

    /// <summary>Carries the gradient that <paramref name="embeddings"/> got on to the parameters.</summary>
    public void Backward(Tensor embeddings)
    {
        if (!trains) return;
        using var gradient = embeddings.grad;
        if (gradient is null) return; // the loss is of the other encoder's embeddings alone
        for (var i = 0; i < _seeds.Length; i++)
        {
            using var scope = NewDisposeScope();
            Encode(i).backward([chunks.Rows[i].Of(gradient)]);
        }
    }

    private Tensor Encode(int chunk)
    {
        using var scope = NewDisposeScope();
        chunks.Begin(_seeds[chunk]);
        return scope.MoveToOuter(encode(chunks.Rows[chunk]));
    }
}
