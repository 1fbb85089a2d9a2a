using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>What the processor itself says that it has, by the bits of cpuid's leaf 7.</summary>
internal static class Cpu
{
    private const int ExtendedFeatures = 7;

    /// <summary>AVX-512, whether or not .NET is told to do without.</summary>
    public static bool HasAvx512 => Has(0, leaf => leaf.Ebx, 16);

    /// <summary>vpdpbusd on 512 bits.</summary>
    public static bool HasAvx512Vnni => Avx512F.IsSupported && Has(0, leaf => leaf.Ecx, 11);

    /// <summary>vdpbf16ps on 512 bits.</summary>
    public static bool HasAvx512BFloat16 => Avx512F.IsSupported && Has(1, leaf => leaf.Eax, 5);

    /// <summary>vpdpbusd on 256 bits without AVX-512.</summary>
    public static bool HasAvxVnni => Avx2.IsSupported && Has(1, leaf => leaf.Eax, 4);

    /// <summary>Products of tiles, of bfloat16 and of int8.</summary>
    public static bool HasAmx => Has(0, leaf => leaf.Edx, 22) && Has(0, leaf => leaf.Edx, 24) && Has(0, leaf => leaf.Edx, 25);

    private static bool Has(int subleaf, Func<(int Eax, int Ebx, int Ecx, int Edx), int> register, int bit) =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures && (register(X86Base.CpuId(ExtendedFeatures, subleaf)) >> bit & 1) == 1;
}
