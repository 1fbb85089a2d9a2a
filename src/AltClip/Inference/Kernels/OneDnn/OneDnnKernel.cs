using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AltClip.Inference.Kernels.Panels;
using AltClip.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>oneDNN's packed products, weights in its order and activations and residuals fused, on x64.</summary>
internal sealed class OneDnnKernel : IEncoderKernel
{
    // Caps of oneDNN's; it takes others that it doesn't know for none.
    private static readonly string[] WithoutAvx512 = ["SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2"];

    public string Name => "OneDnn";

    public bool Supports(EncoderSpec encoder, InferencePrecision precision, Device device) =>
        device.type == DeviceType.CPU && OneDnnWeights.HasCode(encoder.Activation) && Has(precision);

    public IEncoder Pack(EncoderSpec encoder, InferencePrecision precision, Device device, bool release) =>
        new OneDnnEncoder(encoder, precision, device, release);

    private static bool HasAvx512 => Avx512BW.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.IsSupported;

    /// <summary>
    /// Whether there are products of a precision, and right ones: oneDNN has those that make bfloat16, as int8's do of queries too, for AVX-512 only, and
    /// those for AVX-512 are wrong where the sizes of the caches are hidden.
    /// </summary>
    public static bool Has(InferencePrecision precision) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (HasAvx512 || precision == InferencePrecision.Float32)
        && !(ProcessorCaches.AreHidden && TakesAvx512(Cpu.HasAvx512, Variable("ONEDNN_MAX_CPU_ISA") ?? Variable("DNNL_MAX_CPU_ISA")))
        && LibtorchExports.HasOneDnn;

    /// <summary>Whether oneDNN takes its products for AVX-512: it asks the processor, and heeds a cap of its own, but none of .NET's.</summary>
    /// <param name="hasAvx512">What the processor says.</param>
    /// <param name="cap">The most that oneDNN is told to use; null for all.</param>
    internal static bool TakesAvx512(bool hasAvx512, string? cap) => hasAvx512 && !WithoutAvx512.Contains(cap, StringComparer.OrdinalIgnoreCase);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
