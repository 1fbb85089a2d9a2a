using System.Runtime.InteropServices;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>A set of instructions that code can be made of, on Linux, whose calling convention and memory calls it keeps to.</summary>
internal abstract class PanelInstructions
{
    /// <summary>Far enough that memory answers in time, near enough that the second-level cache holds it.</summary>
    protected const int PrefetchBytes = 4096;

    private readonly Lazy<PanelCode?>[] _codes;

    protected PanelInstructions()
    {
        _codes = [.. Enum.GetValues<PanelNumbers>().Select(numbers => new Lazy<PanelCode?>(() => IsLinux && Has(numbers) ? Make(numbers) : null))];
    }

    /// <summary>AVX-512 with what is had of VNNI and BF16.</summary>
    public static PanelInstructions OfAvx512 { get; } = new Avx512Instructions(narrow: true);

    /// <summary>AVX2 with FMA.</summary>
    public static PanelInstructions OfAvx2 { get; } = new Avx2Instructions(narrow: true);

    /// <summary>The name of the kernel that runs on them.</summary>
    public abstract string Name { get; }

    private static bool IsLinux => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The code for weights stored so; null where the processor lacks instructions or the system lets no code be made.</summary>
    public PanelCode? Code(PanelNumbers weights) => _codes[(int)weights].Value;

    /// <summary>Whether the processor has them.</summary>
    protected abstract bool Has(PanelNumbers weights);

    protected abstract PanelCode? Make(PanelNumbers weights);
}
