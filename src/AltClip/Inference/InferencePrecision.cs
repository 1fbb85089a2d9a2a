namespace AltClip;

/// <summary>The numbers in which <see cref="AltCLIPInference"/> computes.</summary>
public enum InferencePrecision
{
    /// <summary>32-bit floating point: the model's results within rounding.</summary>
    Float32,

    /// <summary>Weights and activations in bfloat16, sums in 32 bits.</summary>
    BFloat16,

    /// <summary>
    /// Products of int8 weights (a scale for each output) and 8-bit activations, the rest in 32 bits, but attention of pictures in bfloat16.
    /// Activations have a scale found at run time: one for each row on Linux with AVX-512 VNNI, else one for each product.
    /// Where there is no int8 product, which is everywhere but on a CPU with oneDNN, bfloat16 is used.
    /// </summary>
    Int8,
}
