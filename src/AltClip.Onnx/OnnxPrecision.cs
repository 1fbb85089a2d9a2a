namespace AltClip.Onnx;

/// <summary>The numbers of an exported model.</summary>
public enum OnnxPrecision
{
    /// <summary>32-bit floating point throughout: the model's results within rounding.</summary>
    Float32,

    /// <summary>
    /// Weights and activations in 16-bit floating point, inputs and outputs in 32: half the size, and what graphics processors compute fastest.
    /// </summary>
    Float16,

    /// <summary>
    /// Matrices and word embeddings as 8-bit integers, a scale for each output or word; activations are quantised when the model runs, with one scale
    /// a call. A quarter of the size.
    /// </summary>
    Int8,
}
