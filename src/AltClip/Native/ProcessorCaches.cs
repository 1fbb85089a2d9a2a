using System.Runtime.Intrinsics.X86;

namespace AltClip.Native;

/// <summary>What an AMD processor says of its caches.</summary>
internal static class ProcessorCaches
{
    private const int Vendor = 0, Properties = unchecked((int)0x8000001D), Amd = 0x444D4163; // "cAMD", the end of AuthenticAMD
    private const int SecondLevel = 2, MostCaches = 8;

    /// <summary>
    /// Whether it says that it has none of the second level, as in virtual machines that hide them: oneDNN (3.7) then divides its products by a cache of no
    /// size, and packed ones come out wrong with AVX-512. Of Intel's processors whose caches are hidden it guesses the sizes.
    /// </summary>
    public static bool AreHidden { get; } =
        X86Base.IsSupported && X86Base.CpuId(Vendor, 0).Ecx == Amd
        && Enumerable.Range(0, MostCaches).Select(cache => X86Base.CpuId(Properties, cache).Eax)
            .TakeWhile(properties => (properties & 0x1F) != 0).All(properties => (properties >> 5 & 7) != SecondLevel);
}
