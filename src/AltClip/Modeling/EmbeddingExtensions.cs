using AltClip.Modeling.Adapters;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Tables of embeddings with their adapters.</summary>
internal static class EmbeddingExtensions
{
    /// <summary>The rows of ids [...] with their adapter if they have one: [..., width].</summary>
    public static Tensor LookUp(this Embedding table, Tensor ids) => LoraLayer.Adapt(table, ids, table.forward(ids));

    /// <summary>The whole table with its adapter if it has one: a new tensor [rows, width], which the caller disposes.</summary>
    public static Tensor Table(this Embedding table)
    {
        var weight = table.weight!;
        if (LoraLayer.Of(table) is not { } adapter) return weight;
        using (weight)
        using (var change = adapter.Change()) return weight.Plus(change);
    }
}
