using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>The sum of word, token type and position embeddings, normalised.</summary>
internal sealed class AltRobertaEmbeddings : AltCLIPModule
{
    internal readonly Embedding word_embeddings;
    internal readonly Embedding position_embeddings;
    internal readonly Embedding token_type_embeddings;
    internal readonly LayerNorm LayerNorm;
    internal readonly Dropout dropout;

    private readonly AltCLIPTextConfig _config;

    public AltRobertaEmbeddings(AltCLIPTextConfig config) : base(nameof(AltRobertaEmbeddings))
    {
        _config = config;
        word_embeddings = Skeleton.Embedding(config.VocabSize, config.HiddenSize, config.PadTokenId);
        position_embeddings = Skeleton.Embedding(config.MaxPositionEmbeddings, config.HiddenSize, config.PadTokenId);
        token_type_embeddings = Skeleton.Embedding(config.TypeVocabSize, config.HiddenSize);
        LayerNorm = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        dropout = nn.Dropout(config.HiddenDropoutProb);
        RegisterComponents();
    }

    public Tensor forward(Tensor? input_ids, Tensor? token_type_ids, Tensor? position_ids, Tensor? inputs_embeds)
    {
        using var scope = NewDisposeScope();
        var words = inputs_embeds?.to(LayerNorm.weight.dtype) ?? word_embeddings.LookUp(input_ids!);
        var shape = words.shape[..2];
        token_type_ids ??= zeros(shape, int64, words.device);
        var embeddings = words.Plus(token_type_embeddings.LookUp(token_type_ids));
        if (_config.PositionEmbeddingType == "absolute")
        {
            position_ids ??= input_ids is not null ? PositionsFromIds(input_ids, _config.PadTokenId) : PositionsInOrder(shape, words.device);
            embeddings = embeddings.Plus(position_embeddings.LookUp(position_ids));
        }
        return scope.MoveToOuter(ToComputeType(dropout.forward(LayerNorm.forward(embeddings))));
    }

    /// <summary>Positions that count the tokens that aren't padding, from the padding index on; padding keeps the padding index.</summary>
    internal static Tensor PositionsFromIds(Tensor input_ids, long paddingIndex)
    {
        using var scope = NewDisposeScope();
        using Scalar padding = paddingIndex;
        var mask = input_ids.ne(padding).to(int64);
        return scope.MoveToOuter((mask.cumsum(1) * mask).Plus(paddingIndex));
    }

    private Tensor PositionsInOrder(long[] shape, Device device)
    {
        var first = _config.PadTokenId + 1;
        return TensorNumbers.Arange(first, first + shape[1], device).expand(shape);
    }
}
