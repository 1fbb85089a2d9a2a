using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>The numbers that a product of <see cref="PanelKernels"/> multiplies; sums are 32 bits wide.</summary>
internal enum PanelNumbers
{
    /// <summary>float32 times float32.</summary>
    Float32,

    /// <summary>bfloat16 times bfloat16, summed in float32.</summary>
    BFloat16,

    /// <summary>uint8 weights times int8 activations, summed in int32.</summary>
    Int8,
}

/// <summary>What the processor can do of it.</summary>
internal static class PanelSupport
{
    private const int ExtendedFeatures = 7, VnniBit = 11, BFloat16Bit = 5;

    /// <summary>Whether the code of <see cref="PanelKernels"/> runs here: its calling convention and memory calls are Linux's on x64.</summary>
    public static bool Has(PanelNumbers numbers)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return false;
        if (!Avx512F.IsSupported || !Avx512BW.IsSupported || !Avx512DQ.IsSupported) return false;
        return numbers switch
        {
            PanelNumbers.Int8 => (X86Base.CpuId(ExtendedFeatures, 0).Ecx >> VnniBit & 1) == 1,
            PanelNumbers.BFloat16 => (X86Base.CpuId(ExtendedFeatures, 1).Eax >> BFloat16Bit & 1) == 1,
            _ => true,
        };
    }

    /// <summary>What the products of a precision multiply.</summary>
    public static PanelNumbers Of(InferencePrecision precision) => precision switch
    {
        InferencePrecision.Float32 => PanelNumbers.Float32,
        InferencePrecision.BFloat16 => PanelNumbers.BFloat16,
        _ => PanelNumbers.Int8,
    };

    /// <summary>How many numbers share the 32 bits that one instruction takes of each row.</summary>
    public static int PerStep(this PanelNumbers numbers) => numbers switch
    {
        PanelNumbers.Float32 => 1,
        PanelNumbers.BFloat16 => 2,
        _ => 4,
    };
}
