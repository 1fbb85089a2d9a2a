namespace AltClip.Inference.Kernels.Panels;

/// <summary>Numbers as they are stored for a product; its sums are 32 bits wide.</summary>
internal enum PanelNumbers
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,

    /// <summary>int8, or uint8 with 128 for 0.</summary>
    Int8,

    /// <summary>int16: activations, where the processor has no products of int8 with int8.</summary>
    Int16,
}

/// <summary>What follows from it.</summary>
internal static class PanelNumbersExtensions
{
    /// <summary>As what a precision stores weights.</summary>
    public static PanelNumbers Of(InferencePrecision precision) => precision switch
    {
        InferencePrecision.Float32 => PanelNumbers.Float32,
        InferencePrecision.BFloat16 => PanelNumbers.BFloat16,
        _ => PanelNumbers.Int8,
    };

    /// <summary>How many of them are in 32 bits.</summary>
    public static int PerWord(this PanelNumbers numbers) => numbers switch
    {
        PanelNumbers.Float32 => 1,
        PanelNumbers.BFloat16 or PanelNumbers.Int16 => 2,
        _ => 4,
    };
}
