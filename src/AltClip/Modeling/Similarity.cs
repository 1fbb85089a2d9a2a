using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>How texts and pictures are compared: by the cosine of their embeddings, scaled.</summary>
internal static class Similarity
{
    /// <summary>[texts, pictures], of embeddings of length one.</summary>
    public static Tensor Logits(Tensor textEmbeds, Tensor imageEmbeds, Tensor logitScale)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(textEmbeds.matmul(imageEmbeds.t()) * logitScale.exp());
    }
}
