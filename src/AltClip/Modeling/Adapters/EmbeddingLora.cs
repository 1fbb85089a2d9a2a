using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter of a table of embeddings [rows, width]: the rows of A^T B^T times a factor.</summary>
internal sealed class EmbeddingLora : LoraLayer
{
    private Parameter _a;
    private Parameter _b;

    public EmbeddingLora(string name, Embedding layer, LoraLayerOptions options) : this(name, layer, options, layer.get_parameter("weight")!.shape)
    {
    }

    private EmbeddingLora(string name, Embedding layer, LoraLayerOptions options, long[] shape)
        : base(name, layer, options, lengthDimensions: [0], magnitudeShape: [shape[1]])
    {
        _a = Skeleton.Parameter(options.Rank, shape[0]);
        _b = Skeleton.Parameter(shape[1], options.Rank);
        register_parameter("lora_embedding_A", _a);
        register_parameter("lora_embedding_B", _b);
    }

    /// <inheritdoc/>
    public override void Set(string name, Parameter parameter)
    {
        if (name == "lora_embedding_A") Replace(ref _a, parameter, name);
        else if (name == "lora_embedding_B") Replace(ref _b, parameter, name);
        else base.Set(name, parameter);
    }

    /// <summary>What is added for ids [...]: [..., width]. Without a magnitude vector only the rows that are asked for are computed.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var ids = input.flatten();
        var rows = HasMagnitude ? Change().index_select(0, ids) : _a.index_select(1, ids).t().mm(_b.t()) * Options.Scale;
        return scope.MoveToOuter(rows.view([.. input.shape, -1]));
    }

    protected override Tensor Delta()
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(_a.t().mm(_b.t()) * Options.Scale);
    }
}
