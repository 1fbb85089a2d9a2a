using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter of a table of embeddings [rows, width]: the rows of A^T B^T times a factor.</summary>
internal sealed class EmbeddingLora : LoraLayer
{
    private const string A = "lora_embedding_A";
    private const string B = "lora_embedding_B";

    public EmbeddingLora(string name, Embedding layer, LoraLayerOptions options) : this(name, layer, options, layer.get_parameter("weight")!.shape)
    {
    }

    private EmbeddingLora(string name, Embedding layer, LoraLayerOptions options, long[] shape)
        : base(name, layer, options, lengthDimensions: [0], magnitudeShape: [shape[1]])
    {
        register_parameter(A, Skeleton.Parameter(options.Rank, shape[0]));
        register_parameter(B, Skeleton.Parameter(shape[1], options.Rank));
    }

    /// <summary>What is added for ids [...]: [..., width]. Without a magnitude vector only the rows that are asked for are computed.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var ids = input.flatten();
        var rows = HasMagnitude ? Change().index_select(0, ids) : Own(A).index_select(1, ids).t().mm(Own(B).t()) * Scale;
        return scope.MoveToOuter(rows.view([.. input.shape, -1]));
    }

    protected override Tensor Delta()
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Own(A).t().mm(Own(B).t()) * Scale);
    }
}
