using AltClip.Modeling;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Teacher;

/// <summary>Tokens as the sum of their own embedding and that of their position.</summary>
internal sealed class CLIPTextEmbeddings : AltCLIPModule
{
    internal readonly Embedding token_embedding;
    internal readonly Embedding position_embedding;

    public CLIPTextEmbeddings(CLIPTextConfig config) : base(nameof(CLIPTextEmbeddings))
    {
        token_embedding = Skeleton.Embedding(config.VocabSize, config.HiddenSize);
        position_embedding = Skeleton.Embedding(config.MaxPositionEmbeddings, config.HiddenSize);
        RegisterComponents();
    }

    public Tensor forward(Tensor input_ids, Tensor? position_ids)
    {
        using var scope = NewDisposeScope();
        var positions = position_ids ?? TensorNumbers.Arange(input_ids.shape[1], input_ids.device).unsqueeze(0);
        return scope.MoveToOuter(ToComputeType(token_embedding.forward(input_ids).Plus(position_embedding.forward(positions))));
    }
}
