using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>A text encoder from its embeddings' layer norm to the projection, packed in one way or another.</summary>
internal interface ITextEncoder : IDisposable
{
    /// <summary>The type of the embeddings it takes.</summary>
    ScalarType DType { get; }

    /// <summary>The type in which it wants a mask.</summary>
    ScalarType ScoreDType { get; }

    /// <summary>Computes texts.</summary>
    /// <param name="rows">Sums of embeddings: [tokens, width].</param>
    /// <param name="groups">How many texts there are of one length, and that length; then those of the next.</param>
    /// <param name="mask">What is added to the scores of the only group, [texts, 1, 1 or length, length]; or null.</param>
    /// <returns>Embeddings: float32 [texts, projection_dim].</returns>
    Tensor Encode(Tensor rows, long[] groups, Tensor? mask);
}
