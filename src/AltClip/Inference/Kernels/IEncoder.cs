using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>An encoder packed by an <see cref="IEncoderKernel"/>, from the layer norm of its embeddings to the projection.</summary>
internal interface IEncoder : IDisposable
{
    /// <summary>What its products compute in.</summary>
    InferencePrecision Precision { get; }

    /// <summary>Whether int8 products take their inputs as <see cref="EncoderSpec.Calibration"/> has it.</summary>
    bool IsCalibrated => false;

    /// <summary>The type of the rows it takes.</summary>
    ScalarType DType { get; }

    /// <summary>The type in which it wants a mask.</summary>
    ScalarType MaskDType { get; }

    /// <summary>As many pictures of the usual size as are computed fastest together.</summary>
    int PicturesAtOnce { get; }

    /// <summary>
    /// As many tokens of texts as are computed fastest together with their padding, where that takes less time than to compute texts of each length
    /// apart; null where it doesn't.
    /// </summary>
    int? PaddedTokensAtOnce => null;

    /// <summary>Computes sequences, texts or pictures, packed without padding.</summary>
    /// <param name="rows">Sums of embeddings, sequence after sequence: [tokens, width], on the device it was packed for.</param>
    /// <param name="groups">How many sequences there are of one length, and that length; then those of the next.</param>
    /// <param name="mask">What is added to the scores of the only group, [sequences, 1, 1 or length, length]; or null.</param>
    /// <returns>Embeddings of the sequences' first tokens: float32 [sequences, projection_dim].</returns>
    Tensor Encode(Tensor rows, long[] groups, Tensor? mask);
}
