using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>Multi-head attention of the text encoder, to itself or to another encoder's states, with absolute or relative positions.</summary>
internal sealed class AltRobertaSelfAttention : AltCLIPModule
{
    internal readonly Linear query;
    internal readonly Linear key;
    internal readonly Linear value;
    internal readonly Embedding? distance_embedding;

    private readonly AltCLIPTextConfig _config;
    private readonly string _positions;

    public AltRobertaSelfAttention(AltCLIPTextConfig config, string positionEmbeddingType) : base(nameof(AltRobertaSelfAttention))
    {
        _config = config;
        _positions = positionEmbeddingType;
        query = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        key = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        value = Skeleton.Linear(config.HiddenSize, config.HiddenSize);
        if (positionEmbeddingType != "absolute")
            distance_embedding = Skeleton.Embedding(2 * config.MaxPositionEmbeddings - 1, config.HiddenSize / config.NumAttentionHeads);
        RegisterComponents();
    }

    public (Tensor Context, Tensor? Weights) forward(
        Tensor hidden_states, Tensor? attention_mask, Tensor? head_mask, Tensor? encoder_hidden_states, bool output_attentions)
    {
        using var scope = NewDisposeScope();
        var attended = encoder_hidden_states ?? hidden_states;
        var queries = Attention.SplitHeads(query.Project(hidden_states), _config.NumAttentionHeads);
        var keys = Attention.SplitHeads(ProjectKeys(attended), _config.NumAttentionHeads);
        var values = Attention.SplitHeads(value.Project(attended), _config.NumAttentionHeads);
        var dropout = training ? _config.AttentionProbsDropoutProb : 0;

        if (!output_attentions && head_mask is null && distance_embedding is null)
            return (scope.MoveToOuter(Attention.Context(queries, keys, values, attention_mask, dropout, training)), null);

        var (context, weights) = Attention.Stepwise(
            queries, keys, values, attention_mask, dropout, distance_embedding is null ? null : DistanceScores(queries, keys), head_mask);
        return output_attentions ? scope.MoveToOuter(context, weights) : (scope.MoveToOuter(context), null);
    }

    // Where a key meets the distance, its bias adds another number for each distance.
    private Tensor ProjectKeys(Tensor attended) => _positions == "relative_key_query" ? key.Project(attended) : key.ProjectKeys(attended);

    /// <summary>
    /// What the distance of two positions adds to their score: with <c>relative_key</c> the query meets an embedding of the distance, with
    /// <c>relative_key_query</c> the key as well.
    /// </summary>
    private Tensor DistanceScores(Tensor queries, Tensor keys)
    {
        using var scope = NewDisposeScope();
        var rows = TensorNumbers.Arange(queries.shape[2], queries.device).unsqueeze(1);
        var columns = TensorNumbers.Arange(keys.shape[2], keys.device).unsqueeze(0);
        var embedding = distance_embedding!.forward((rows - columns).Plus(_config.MaxPositionEmbeddings - 1)).to(queries.dtype);
        var scores = einsum("bhld,lrd->bhlr", queries, embedding);
        if (_positions == "relative_key_query") scores = scores.Plus(einsum("bhrd,lrd->bhlr", keys, embedding));
        return scope.MoveToOuter(scores);
    }
}
