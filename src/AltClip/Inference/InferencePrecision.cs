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
    /// Activations have a scale found at run time: one for each row where AltClip's own kernels run (Linux with AVX2 or AVX-512; without VNNI in more
    /// bits than 8), else one for each product. Where there is no int8 product, the faster of bfloat16 and float32 is used:
    /// <see cref="AltCLIPInference.TextPrecision"/> and <see cref="AltCLIPInference.ImagePrecision"/> say which.
    /// </summary>
    Int8,
}
